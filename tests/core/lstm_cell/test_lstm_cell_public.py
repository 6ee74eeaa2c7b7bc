"""Public checks of `lstm_cell`: names and shapes, one call, the worked example, the packing.

Run them as often as you like. They are few: the hidden checks ask about random weights, sizes and gradients as well.
"""

from __future__ import annotations

import math

import pytest
import torch

SIZES = {"weight_ih": (12, 5), "weight_hh": (12, 3), "bias_ih": (12,), "bias_hh": (12,)}
"""Parameters of LSTMCell(5, 3)."""
NO_BIAS = {"weight_ih": (12, 5), "weight_hh": (12, 3)}


@pytest.mark.form
@pytest.mark.points(0.5)
def test_names_and_shapes(student):
    """The parameters have the names and shapes of the docstring, with and without biases."""
    for bias, expected in ((True, SIZES), (False, NO_BIAS)):
        cell = student.LSTMCell(5, 3, bias=bias)
        found = {name: tuple(value.shape) for name, value in cell.state_dict().items()}
        assert found == expected, f"LSTMCell(5, 3, bias={bias}) has the parameters {found}, expected {expected}."
    cell(torch.ones(2, 5), (torch.zeros(2, 3), torch.zeros(2, 3)))


@pytest.mark.form
@pytest.mark.points(0.5)
def test_first_step(student, rng):
    """A call without a state returns the pair (h, c), both of shape (N, H), on the device of x."""
    cell, x = student.LSTMCell(5, 3), rng.randn(2, 5).float()
    cell(x, None)  # None stands for no state
    result = cell(x)
    assert isinstance(result, (tuple, list)), f"The cell must return the pair (h, c), not {type(result).__name__}."
    assert len(result) == 2, f"The cell must return the pair (h, c), not {len(result)} values."
    for name, tensor in zip(("h", "c"), result, strict=True):
        assert isinstance(tensor, torch.Tensor), f"{name} must be a tensor."
        assert tuple(tensor.shape) == (2, 3), f"{name} has shape {tuple(tensor.shape)}, expected (2, 3)."
        assert tensor.dtype == torch.float32, f"{name} has dtype {tensor.dtype}, expected that of x, torch.float32."
    # On "meta" there are shapes and devices, and no numbers. What lies elsewhere does not go together with it.
    cell.method("to", "meta")
    x, h, c = (torch.zeros(2, size, device="meta") for size in (5, 3, 3))
    try:
        cell(x, (h, c))
    except (RuntimeError, TypeError):
        return  # code that reads a number, for a print or an assert, can't run there, wherever its zeros lie
    for name, tensor in zip(("h", "c"), cell(x), strict=True):
        assert tensor.device.type == "meta", f"x is on the device meta, but {name} is on {tensor.device}."


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.5)
def test_worked_example(student):
    """The worked example: c = 2 and x = 1 give c' = 1.3808 and h' = 0.4406."""
    cell = student.LSTMCell(1, 1).double()
    values = {"weight_ih": torch.zeros(4, 1), "weight_hh": torch.zeros(4, 1)}
    values.update(bias_ih=torch.zeros(4), bias_hh=torch.zeros(4))
    values["weight_ih"][2] = 1.0
    cell.load_state_dict({name: value.double() for name, value in values.items()})
    found = cell(torch.ones(1, 1).double(), (torch.zeros(1, 1).double(), torch.full((1, 1), 2.0).double()))
    assert isinstance(found, (tuple, list)), f"The step returns a {type(found).__name__}, expected the pair (h', c')."
    assert len(found) == 2, f"The step returns {len(found)} values, expected two tensors: (h', c')."
    h, c = found
    for name, actual, expected in (("c'", c, 1.3808), ("h'", h, 0.4406)):
        assert isinstance(actual, torch.Tensor), f"{name} is a {type(actual).__name__}, expected a tensor."
        assert actual.numel() == 1, f"{name} has shape {tuple(actual.shape)}, expected (1, 1)."
        assert abs(actual.item() - expected) < 1e-4, f"{name} is {actual.item():.4f}, expected {expected}."


@pytest.mark.form
@pytest.mark.points(1)
def test_packing(student, close):
    """Each part has the rows that the docstring gives it: i from 0, f from H, g from 2H, o from 3H."""
    # All weights are 0 and h = 0: the biases alone decide. c starts as [2, -1], tanh(1) is 0.7616.
    start, g, half = torch.tensor([[2.0, -1.0]]).double(), math.tanh(1.0), 0.5
    for part, first, bias, expected in (
        ("i", 0, 40.0, half * start + g),  # i = 1 instead of 0.5
        ("f", 2, -40.0, half * g + 0 * start),  # f = 0
        ("g", 4, 0.0, half * start),  # g = 0 instead of tanh(1)
        ("o", 6, -40.0, half * start + half * g),  # o = 0: only h shows it
    ):
        cell = student.LSTMCell(3, 2).double()
        values = {"weight_ih": torch.zeros(8, 3), "weight_hh": torch.zeros(8, 2)}
        values.update(bias_ih=torch.zeros(8), bias_hh=torch.zeros(8))
        values["bias_ih"][4:6] = 1.0
        values["bias_ih"][first : first + 2] = bias
        cell.load_state_dict({name: value.double() for name, value in values.items()})
        found = cell(torch.ones(1, 3).double(), (torch.zeros(1, 2).double(), start.clone()))
        assert isinstance(found, (tuple, list)), (
            f"The step returns a {type(found).__name__}, expected the pair (h', c')."
        )
        h, c = found
        shown = 0.0 if part == "o" else half
        case = f"With biases of {bias:g} in the rows {first} and {first + 1}, those of {part} where H = 2,"
        for name, actual, wanted in (("c", c, expected), ("h", h, shown * torch.tanh(expected))):
            assert isinstance(actual, torch.Tensor), f"The new {name} is a {type(actual).__name__}, expected a tensor."
            close(actual.float(), wanted.float(), f"{case} the new {name}")
