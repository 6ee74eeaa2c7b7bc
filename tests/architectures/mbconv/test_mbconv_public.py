"""Public checks of `mbconv`: names, shapes and the worked examples of the stub."""

from __future__ import annotations

import pytest
import torch


@pytest.mark.form
@pytest.mark.points(0.125)
def test_names_and_shapes(student):
    """`MBConv(6, 5, kernel_size=5, stride=2, expand_ratio=3, se_ratio=0.5)` has the pinned layers."""
    block = student.MBConv(6, 5, kernel_size=5, stride=2, expand_ratio=3, se_ratio=0.5).float()
    expected = {
        "expand.weight": (18, 6, 1, 1),
        "depthwise.weight": (18, 1, 5, 5),
        "se_reduce.weight": (3, 18, 1, 1),
        "se_expand.weight": (18, 3, 1, 1),
        "project.weight": (5, 18, 1, 1),
    }
    # A linear weight (out, in) counts as (out, in, 1, 1).
    infos = block.parameters_by_name().items()
    shapes = {name: (*info.shape, 1, 1)[:4] for name, info in infos if len(info.shape) > 1}
    assert shapes == expected, f"{block} has weights of the shapes {shapes}; expected {expected}."
    shape = tuple(block(torch.ones(2, 6, 7, 8)).shape)
    assert shape == (2, 5, 4, 4), f"{block} turns (2, 6, 7, 8) into {shape}; expected (2, 5, 4, 4)."


@pytest.mark.example
@pytest.mark.points(0.125)
def test_worked_example(student, close):
    """The worked examples of the stub."""
    found = [student.scaled_channels(32, 1.1), student.scaled_channels(12, 1.0), student.scaled_channels(19, 1.0)]
    assert found == [32, 16, 24], (
        f"scaled_channels() rounds 32 * 1.1, 12 * 1.0 and 19 * 1.0 to {found}, not [32, 16, 24]."
    )
    repeats = student.scaled_repeats(3, 1.1)
    assert repeats == 4, f"scaled_repeats(3, 1.1) is {repeats}; expected 4."
    factors = tuple(student.compound_scaling(1))
    assert factors == pytest.approx((1.2, 1.1, 1.15)), f"compound_scaling(1) is {factors}; expected (1.2, 1.1, 1.15)."

    block = student.MBConv(1, 1, expand_ratio=1).float().eval()
    values = block.state_dict()
    for name, value in values.items():
        value.fill_(1.0 if name.endswith("bn.weight") else 0.0)
        if name.endswith("running_var"):
            value.fill_(1.0 - 1e-5)
    for name, number, size in (("depthwise.weight", 1.0, 3), ("project.weight", 4.0, 1)):
        assert name in values, f"{block} has no parameter `{name}`."
        shape = (*values[name].shape, 1, 1)[:4]
        assert shape == (1, 1, size, size), f"{block}: `{name}` has shape {shape}, expected {(1, 1, size, size)}."
        values[name].view(-1)[size * size // 2] = number
    block.load_state_dict(values)
    x = torch.full((1, 1, 1, 1), 2.0)
    close(block(x), 2 + 4 * 0.5 * 2 * torch.sigmoid(x), "The output for the worked example")
