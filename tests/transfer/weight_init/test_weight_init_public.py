"""Public checks of `weight_init`: the worked example."""

import pytest
import torch


@pytest.mark.points(1)
def test_worked_fans(student):
    """The worked example: the fans of a convolution from 64 to 128 channels."""
    fans = student.fans(torch.zeros(128, 64, 3, 3))
    assert tuple(fans) == (576, 1152), f"the fans of the weight should be (576, 1152), they are {tuple(fans)}"


@pytest.mark.form
@pytest.mark.points(1)
def test_filled_in_place(student):
    """Both functions fill the tensor that they are given, and return it."""
    for function in (student.kaiming_normal_, student.xavier_uniform_):
        weight = torch.zeros(6, 5)
        assert function(weight) is weight, f"{function} should return the tensor that it was given"
        assert weight.abs().max() > 0, f"after {function}, the weight is still zero everywhere"
