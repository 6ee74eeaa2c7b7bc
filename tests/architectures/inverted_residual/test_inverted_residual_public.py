"""Public checks of `inverted_residual`: names, shapes and the worked example of the stub."""

from __future__ import annotations

import pytest
import torch


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
        shape = tuple(block(torch.ones(2, 4, 5, 8)).shape)
        assert shape == (2, 5, 3, 4), f"{block} turns (2, 4, 5, 8) into {shape}; expected (2, 5, 3, 4)."


@pytest.mark.example
@pytest.mark.points(0.25)
def test_worked_example(student, close):
    """The worked example of the stub."""
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
    close(block(torch.full((1, 1, 1, 1), 4.0)), torch.full((1, 1, 1, 1), -2.0), "The output for the worked example")
