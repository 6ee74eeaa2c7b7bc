"""Public checks of `resnext_block`: names, shapes, the worked example of the stub and a second one."""

from __future__ import annotations

import pytest
import torch


@pytest.mark.form
@pytest.mark.points(0.25)
def test_names_and_shapes(student):
    """With cardinality=3, group_width=2 and stride=2, the block has the pinned layers, and halves the image."""
    for out in (5, 4):
        block = student.ResNeXtBlock(4, out, cardinality=3, group_width=2, stride=2).float()
        expected = {"conv1": (6, 4, 1, 1), "conv2": (6, 2, 3, 3), "conv3": (out, 6, 1, 1)}
        expected |= {"bn1": (6, 1, 1, 1), "bn2": (6, 1, 1, 1), "bn3": (out, 1, 1, 1)}
        expected |= {"shortcut.0": (out, 4, 1, 1), "shortcut.1": (out, 1, 1, 1)}
        # A linear weight (out, in) counts as (out, in, 1, 1), and the weight of a normalisation, too.
        shapes = {name: (*info.shape, 1, 1, 1)[:4] for name, info in block.parameters_by_name().items()}
        for name, shape in expected.items():
            actual = shapes.get(f"{name}.weight", "missing")
            assert actual == shape, f"{block}: the shape of `{name}.weight` is {actual}; expected {shape}."
        shape, expected_shape = tuple(block(torch.ones(2, 4, 5, 8)).shape), (2, out, 3, 4)
        told = f"{block} turns (2, 4, 5, 8) into {shape}; expected {expected_shape}."
        assert shape == expected_shape, told


@pytest.mark.example
@pytest.mark.points(0.15)
def test_worked_example(student, close):
    """The worked example of the stub."""
    x = torch.tensor([1.0, 3.0]).reshape(1, 2, 1, 1)
    close(example(student)[0](x), torch.tensor([3.0, 0.0]).reshape(1, 2, 1, 1), "The output for the worked example")


@pytest.mark.points(0.1)
def test_two_pixels(student, close):
    """The block of the example with conv3 = [[1, 1], [0, 0]], for x = (1, 3) and x = (1, -3)."""
    block, values = example(student)
    values["conv3.weight"].view(2, 2)[:] = torch.tensor([[1.0, 1.0], [0.0, 0.0]])
    block.load_state_dict(values)
    # For x = (1, 3): a = (1, 3), b = (2, 0). For x = (1, -3): a = (1, 0), b = (2, 0). So conv3(b) is (2, 0) both times.
    x, expected = torch.tensor([[1.0, 3.0], [1.0, -3.0]]), torch.tensor([[3.0, 3.0], [3.0, 0.0]])
    close(block(x[:, :, None, None]), expected[:, :, None, None], "The output for x = (1, 3) and x = (1, -3)")


def example(student):
    """The block of the worked example, and its values."""
    block = student.ResNeXtBlock(2, 2, cardinality=2, group_width=1).float().eval()
    values = block.state_dict()
    for name, value in values.items():
        value.fill_(1.0 if name.startswith("bn") and name.endswith("weight") else 0.0)
        if name.endswith("running_var"):
            value.fill_(1.0 - 1e-5)
    example = {"conv1": [[1.0, 0.0], [0.0, 1.0]], "conv2": [[2.0], [-1.0]], "conv3": [[1.0, 0.0], [-3.0, 1.0]]}
    for name, middle in example.items():
        weight = values.get(f"{name}.weight")
        assert weight is not None, f"{block} has no parameter `{name}.weight`."
        shape, size = (*weight.shape, 1, 1)[:4], 3 if name == "conv2" else 1
        expected = (2, len(middle[0]), size, size)
        assert shape == expected, f"{block}: `{name}.weight` has shape {shape}, expected {expected}."
        weight.view(2, -1, size * size)[:, :, size * size // 2] = torch.tensor(middle)
    block.load_state_dict(values)
    return block, values
