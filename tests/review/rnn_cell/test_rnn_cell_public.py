"""Public checks of `rnn_cell`: names and shapes, steps by hand, short runs and what they learn from.

Run them as often as you like. They are few: the hidden checks ask about random weights, sizes and gradients as well.
"""

from __future__ import annotations

import pytest
import torch


@pytest.mark.form
@pytest.mark.points(1)
def test_names_and_shapes(student):
    """The parameters have the names and shapes of the docstring, and a first step returns (N, H)."""
    weights, biases = {"weight_ih": (3, 5), "weight_hh": (3, 3)}, {"bias_ih": (3,), "bias_hh": (3,)}
    for bias, expected in ((True, weights | biases), (False, weights)):
        cell = student.RNNCell(5, 3, bias=bias)
        found = {name: tuple(value.shape) for name, value in cell.state_dict().items()}
        assert found == expected, f"RNNCell(5, 3, bias={bias}) has the parameters {found}, expected {expected}."
    h = cell(torch.ones(2, 5))
    assert isinstance(h, torch.Tensor), f"The cell returns a {type(h).__name__}, expected a tensor: the new state h."
    assert tuple(h.shape) == (2, 3), f"The new state has shape {tuple(h.shape)}, expected (2, 3)."


def example(student):
    """The cell of the worked example."""
    cell = student.RNNCell(1, 1).double()
    values = {"weight_ih": [[1.0]], "weight_hh": [[0.5]], "bias_ih": [0.0], "bias_hh": [0.0]}
    cell.load_state_dict({name: torch.tensor(value, dtype=torch.float64) for name, value in values.items()})
    return cell


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.25)
def test_worked_example(student, close):
    """The worked example, one step after the other: 0.7616, then 0.3634, then 0.1797."""
    cell = example(student)
    h = torch.zeros(1, 1, dtype=torch.float64)
    for step, (x, expected) in enumerate(((1.0, 0.7616), (0.0, 0.3634), (0.0, 0.1797)), start=1):
        h = cell(torch.full((1, 1), x, dtype=torch.float64), h)
        assert isinstance(h, torch.Tensor), (
            f"The cell returns a {type(h).__name__}, expected a tensor: the new state h."
        )
        assert h.numel() == 1, f"the state h_{step} has shape {tuple(h.shape)}, expected (1, 1)."
        assert abs(h.item() - expected) < 1e-4, f"the state h_{step} is {h.item():.4f}, expected {expected}."


@pytest.mark.form
@pytest.mark.points(0.5)
def test_two_units_by_hand(student, close):
    """One step of two units with biases: the sums are 0.5 + 0.1 - 0.2 and -0.5 + 0.2 + 0.2, before one tanh."""
    cell = student.RNNCell(1, 2).double()
    values = {"weight_ih": [[0.5], [-0.5]], "weight_hh": [[0.0, 1.0], [0.5, 0.0]]}
    values.update(bias_ih=[0.1, 0.0], bias_hh=[0.0, 0.2])
    cell.load_state_dict({name: torch.tensor(value, dtype=torch.float64) for name, value in values.items()})
    h = cell(torch.ones(1, 1, dtype=torch.float64), torch.tensor([[0.4, -0.2]], dtype=torch.float64))
    close(h, torch.tanh(torch.tensor([[0.4, -0.1]], dtype=torch.float64)), "The new state of two units")


@pytest.mark.form
@pytest.mark.points(0.5)
def test_run_from_a_state(student, close):
    """`run` from the state 0.5: 0.8483, then 0.4004, then 0.1976; and the last state depends on the first input."""
    xs = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)[:, None, None].requires_grad_()
    states, last = student.run(example(student), xs, torch.full((1, 1), 0.5, dtype=torch.float64))
    expected = torch.tensor([0.848284, 0.400414, 0.197574])[:, None, None]
    close(states.float(), expected, "The tensor of all states of a run from the state 0.5")
    for name, value in (("the tensor of all states", states), ("the last state", last)):
        assert value.requires_grad, f"run: {name} has no graph, so that no gradient reaches the inputs."
    last.sum().backward()
    reached = xs.grad is not None and bool(xs.grad[0].any())
    assert reached, "run: no gradient reaches the first input from the last state."


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.25)
def test_short_run(student):
    """`run` takes the cell along three steps: all states (3, 2, 1), and the last of them."""
    xs = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)[:, None, None].repeat(1, 2, 1)
    found = student.run(example(student), xs)
    assert isinstance(found, (tuple, list)), f"run returns a {type(found).__name__}, expected the pair (states, last)."
    assert len(found) == 2, f"run returns {len(found)} values, expected the pair (states, last)."
    for name, value, shape in zip(
        ("the tensor of all states", "the last state"), found, ((3, 2, 1), (2, 1)), strict=True
    ):
        assert isinstance(value, torch.Tensor), f"{name}: a {type(value).__name__}, expected a tensor."
        assert tuple(value.shape) == shape, f"run: {name} has shape {tuple(value.shape)}, expected {shape}."
    states, last = found
    assert torch.equal(states[-1], last), "run: the last state returned is not the last of all states."
