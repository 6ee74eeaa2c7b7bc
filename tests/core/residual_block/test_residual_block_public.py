"""Public checks of `residual_block`: shapes, names, and what a block does whose branch is zero."""

from __future__ import annotations

import pytest
import torch


@pytest.mark.form
@pytest.mark.points(0.25)
def test_output_shapes(student, rng):
    """The output has out_channels channels and, with stride 2, half the height and width, rounded up."""
    narrow, wide = rng.distinct(3, 8, 2)
    x = rng.randn(2, narrow, 7, 10).float()
    for block, expected in [
        (student.ResidualBlock(narrow, narrow), (2, narrow, 7, 10)),
        (student.ResidualBlock(narrow, wide), (2, wide, 7, 10)),
        (student.ResidualBlock(narrow, narrow, stride=2), (2, narrow, 4, 5)),
        (student.ResidualBlock(narrow, wide, stride=2), (2, wide, 4, 5)),
    ]:
        y = block.float()(x)
        assert isinstance(y, torch.Tensor), f"{block} returns a {type(y).__name__}, expected one tensor as output"
        shape = tuple(y.shape)
        assert shape == expected, f"{block} turns {tuple(x.shape)} into {shape}, expected {expected}"


@pytest.mark.form
@pytest.mark.points(0.25)
def test_parameter_names(student, rng):
    """The parameters have the names that the exercise asks for."""
    branch = {"conv1.weight", "bn1.weight", "bn1.bias", "conv2.weight", "bn2.weight", "bn2.bias"}
    projection = {"shortcut.0.weight", "shortcut.1.weight", "shortcut.1.bias"}
    narrow, wide = rng.distinct(3, 8, 2)
    for block, expected in [
        (student.ResidualBlock(narrow, narrow), branch),
        (student.ResidualBlock(narrow, wide), branch | projection),
        (student.ResidualBlock(narrow, narrow, stride=2), branch | projection),
    ]:
        names = set(block.parameters_by_name())
        missing = ", ".join(sorted(expected - names)) or "nothing"
        not_asked_for = ", ".join(sorted(names - expected)) or "nothing"
        assert names == expected, f"{block}: missing is {missing}; not asked for is {not_asked_for}"


@pytest.mark.form
@pytest.mark.points(0.25)
def test_zero_branch(student, rng, close):
    """With bn2 at zero, an identity block returns relu(x) and passes the gradient on where x is positive."""
    channels = rng.integer(3, 8)
    block = student.ResidualBlock(channels, channels).float()
    zero = torch.zeros(channels)
    block.load_state_dict({**block.state_dict(), "bn2.weight": zero, "bn2.bias": zero})
    x = rng.randn(2, channels, 5, 7).float().requires_grad_()
    expected, positive = x.detach().clamp(min=0.0), x.detach() > 0  # before the block can change x
    y = block(x)
    close(y, expected, "The output")
    assert y.requires_grad, "The output: no gradient flows back from it."
    upstream = rng.randn(*x.shape).float()
    y.backward(upstream)
    close(x.grad, upstream * positive, "The gradient of x")


@pytest.mark.example
@pytest.mark.points(0.25)
def test_pixels_one_by_one(student, close):
    """With convolutions that multiply each pixel by a number, and neutral normalisations, the output is known."""
    x = torch.tensor([-1.0, 2.0, 0.5, -3.0]).reshape(1, 1, 1, 4)
    block = student.ResidualBlock(1, 1).float().eval()
    for first, second, expected in [
        (-2.0, 1.0, [1.0, 2.0, 0.5, 3.0]),  # f(x) = relu(-2 x)
        (-2.0, -1.0, [0.0, 2.0, 0.5, 0.0]),  # f(x) = -relu(-2 x)
        (1.0, 1.0, [0.0, 4.0, 1.0, 0.0]),  # f(x) = relu(x)
    ]:
        values = block.state_dict()
        for name, value in values.items():
            value.fill_(1.0 if name.startswith("bn") and name.endswith("weight") else 0.0)
            if name.endswith("running_var"):
                value.fill_(1.0 - 1e-5)
        for name, number in {"conv1.weight": first, "conv2.weight": second}.items():
            assert name in values, f"{block} has no parameter `{name}`"
            shape = tuple(values[name].shape)
            assert shape == (1, 1, 3, 3), f"{block}: `{name}` has shape {shape}, expected (1, 1, 3, 3)"
            values[name][0, 0, 1, 1] = number
        block.load_state_dict(values)
        case = f"conv1 multiplies by {first:g}, conv2 by {second:g}, x is {x.flatten().tolist()}"
        close(block(x), torch.tensor(expected).reshape(1, 1, 1, 4), "the output", asked=f"{case}: ")
