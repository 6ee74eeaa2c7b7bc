"""Public checks of `depthwise_separable_conv`: the parameters, the output's shape, the worked example."""

import pytest
import torch


@pytest.mark.form
@pytest.mark.points(0.25)
def test_parameter_names_and_shapes(student):
    """With 3 channels in, 8 out and a 5x5 kernel there are 3 * 25 + 3 * 8 parameters, named as in the stub."""
    block = student.DepthwiseSeparableConv(3, 8, kernel_size=5)
    shapes = {name: tuple(value.shape) for name, value in block.state_dict().items()}
    # A linear layer may stand in for the 1x1 convolution.
    if shapes.get("pointwise.weight") == (8, 3):
        shapes["pointwise.weight"] = (8, 3, 1, 1)
    expected = {"depthwise.weight": (3, 1, 5, 5), "pointwise.weight": (8, 3, 1, 1)}
    assert shapes == expected, f"the block has the parameters {shapes}, expected {expected}"


@pytest.mark.form
@pytest.mark.points(0.25)
def test_output_shape(student, rng):
    """Height and width are divided by the stride and rounded up, whatever the kernel size."""
    for kernel_size, stride in [(3, 2), (5, 1), (1, 1), (5, 3), (9, 1)]:
        block = student.DepthwiseSeparableConv(3, 8, kernel_size, stride).double()
        out = block(rng.randn(2, 3, 7, 9))
        shape, expected = tuple(out.shape), (2, 8, -(-7 // stride), -(-9 // stride))
        assert shape == expected, f"{block} turns (2, 3, 7, 9) into {shape}, expected {expected}"


@pytest.mark.example
@pytest.mark.points(0.25)
def test_worked_example(student, close):
    """The worked example of the stub, which can be checked by hand."""
    block = student.DepthwiseSeparableConv(2, 2).double()
    kernels = torch.tensor([[[1, 1, 1], [1, 1, 1], [1, 1, 1]], [[1, 0, 0], [0, 0, 0], [0, 0, 0]]])
    mix = torch.tensor([[1, -1], [0, 2]])
    block.load_state_dict(
        {
            "depthwise.weight": kernels.reshape(2, 1, 3, 3).double(),
            "pointwise.weight": mix.reshape(2, 2, 1, 1).double(),
        }
    )
    x = torch.tensor([[[[1, 1, 1], [1, 1, 1], [1, 1, 1]], [[-5, 0, 0], [0, 0, 0], [0, 0, 0]]]]).double()
    expected = torch.tensor([[[[4, 6, 4], [6, 14, 6], [4, 6, 4]], [[0, 0, 0], [0, -10, 0], [0, 0, 0]]]]).double()
    close(block(x), expected, "The output of the worked example")
