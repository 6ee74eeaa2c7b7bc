"""Public checks of `dense_block`: names, shapes and the worked example of the stub."""

from __future__ import annotations

import pytest
import torch


@pytest.mark.form
@pytest.mark.points(0.25)
def test_names_and_shapes(student):
    """`DenseBlock(4, 3, 2)` has the pinned layers, and ten maps in its output."""
    block = student.DenseBlock(4, 3, 2).float()
    expected = {"layers.0.conv.weight": (3, 4, 3, 3), "layers.1.conv.weight": (3, 7, 3, 3)}
    for layer, channels in (("layers.0", 4), ("layers.1", 7)):
        expected |= {f"{layer}.norm.weight": (channels,), f"{layer}.norm.bias": (channels,)}
    shapes = {name: info.shape for name, info in block.parameters_by_name().items()}
    assert shapes == expected, f"DenseBlock(4, 3, 2) has parameters of the shapes {shapes}; expected {expected}."
    shape = tuple(block(torch.ones(2, 4, 5, 6)).shape)
    assert shape == (2, 10, 5, 6), f"DenseBlock(4, 3, 2) turns (2, 4, 5, 6) into {shape}; expected (2, 10, 5, 6)."


@pytest.mark.example
@pytest.mark.points(0.5)
def test_worked_example(student, close):
    """The worked example of the stub."""
    block = student.DenseBlock(1, growth_rate=1, num_layers=2).float().eval()
    values = block.state_dict()
    for name, value in values.items():
        value.fill_(1.0 if name.endswith("norm.weight") else 0.0)
        if name.endswith("running_var"):
            value.fill_(1.0 - 1e-5)
    for name, middle in (("layers.0.conv.weight", [3.0]), ("layers.1.conv.weight", [1.0, -1.0])):
        assert name in values, f"DenseBlock(1, 1, 2) has no parameter `{name}`."
        shape, expected = tuple(values[name].shape), (1, len(middle), 3, 3)
        assert shape == expected, f"DenseBlock(1, 1, 2): `{name}` has shape {shape}, expected {expected}."
        values[name][0, :, 1, 1] = torch.tensor(middle)
    block.load_state_dict(values)
    x = torch.tensor([-1.0, 2.0]).reshape(1, 1, 1, 2)
    expected_maps = torch.tensor([[-1.0, 2.0], [0.0, 6.0], [0.0, -4.0]]).reshape(1, 3, 1, 2)
    close(block(x), expected_maps, "The output for the worked example")
