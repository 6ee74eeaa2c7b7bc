"""Public checks of `inverted_residual`: names, shapes, the worked example of the stub and a second one."""

from __future__ import annotations

import pytest
import torch


def assert_turns_into(block, expected):
    shape = tuple(block(torch.ones(2, 4, 5, 8)).shape)
    assert shape == expected, f"{block} turns (2, 4, 5, 8) into {shape}; expected {expected}."


@pytest.mark.form
@pytest.mark.points(0.25)
def test_names_and_shapes(student):
    """Names and shapes of the layers, with and without expansion, and shapes of outputs."""
    for block, hidden in (
        (student.InvertedResidual(4, 5, stride=2, expand_ratio=3).float(), 12),
        (student.InvertedResidual(4, 5, stride=2, expand_ratio=1).float(), 4),
    ):
        expected = {"depthwise.weight": (hidden, 1, 3, 3), "project.weight": (5, hidden, 1, 1)}
        if hidden != 4:
            expected["expand.weight"] = (hidden, 4, 1, 1)
        # A linear weight (out, in) counts as (out, in, 1, 1).
        infos = block.parameters_by_name().items()
        shapes = {name: (*info.shape, 1, 1)[:4] for name, info in infos if len(info.shape) > 1}
        assert shapes == expected, f"{block} has weights of the shapes {shapes}; expected {expected}."
        assert_turns_into(block, (2, 5, 3, 4))
    # Where the stride is not 1 or the channels differ, there is nothing to add to the branch.
    assert_turns_into(student.InvertedResidual(4, 4, stride=2, expand_ratio=2).float(), (2, 4, 3, 4))
    assert_turns_into(student.InvertedResidual(4, 5, expand_ratio=2).float(), (2, 5, 5, 8))


@pytest.mark.example
@pytest.mark.points(0.15)
def test_worked_example(student, close):
    """The worked example of the stub."""
    found = example(student)[0](torch.full((1, 1, 1, 1), 4.0))
    close(found, torch.full((1, 1, 1, 1), -2.0), "The output for the worked example")


@pytest.mark.points(0.1)
def test_two_pixels(student, close):
    """The block of the example with -1 for 1 in the depthwise kernels, for x = -1 and x = 2."""
    block, values = example(student)
    values["depthwise.weight"].view(2, 9)[0, 4] = -1.0
    block.load_state_dict(values)
    # For x = -1: a = (0, 1), b = (0, 5), c = 15. For x = 2: a = (4, 0), b = (0, 0), c = 0.
    x, expected = torch.tensor([-1.0, 2.0]), torch.tensor([14.0, 2.0])
    close(block(x.view(2, 1, 1, 1)), expected.view(2, 1, 1, 1), "The output for x = -1 and x = 2")


def example(student):
    """The block of the worked example, and its values."""
    block = student.InvertedResidual(1, 1, expand_ratio=2).float().eval()
    values = block.state_dict()
    for name, value in values.items():
        value.fill_(1.0 if name.endswith("bn.weight") else 0.0)
        if name.endswith("running_var"):
            value.fill_(1.0 - 1e-5)
    example = {"expand": [[2.0], [-1.0]], "depthwise": [[1.0], [5.0]], "project": [[-1.0, 3.0]]}
    for name, middle in example.items():
        weight = values.get(f"{name}.weight")
        assert weight is not None, f"{block} has no parameter `{name}.weight`."
        shape, size = (*weight.shape, 1, 1)[:4], 3 if name == "depthwise" else 1
        expected = (len(middle), len(middle[0]), size, size)
        assert shape == expected, f"{block}: `{name}.weight` has shape {shape}, expected {expected}."
        weight.view(*expected[:2], size * size)[:, :, size * size // 2] = torch.tensor(middle)
    block.load_state_dict(values)
    return block, values
