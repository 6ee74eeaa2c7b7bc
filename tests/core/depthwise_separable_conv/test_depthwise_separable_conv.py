"""Hidden suite of `depthwise_separable_conv`: a depthwise k x k convolution, then a pointwise 1x1 convolution.

The stride may sit on either step: values and gradients are the same.
"""

from __future__ import annotations

import pytest

from autograder.suite import (
    assert_close,
    assert_inputs_untouched,
    assert_parameters,
    assert_same_gradients,
    assert_same_outputs,
    assert_shape,
    randomise,
    share_weights,
)

COUNT = (
    "Count your parameters: there are in_channels * k**2 + in_channels * out_channels, each named as the stub says. "
    "nn.Conv2d has a bias unless told otherwise."
)
LINEAR = "The block is two weighted sums and nothing else: no activation, no bias, no normalisation."

# Kernel size 2 * stride + 1 is avoided: there, stride and padding may change places unnoticed.
STRIDE_2, STRIDE_3 = {"stride": 2}, {"kernel_size": 5, "stride": 3}


def channels(rng):
    """Unequal numbers of channels, neither a multiple of the other, that could be split into two groups."""
    return dict(zip(("in_channels", "out_channels"), rng.choice([(4, 6), (6, 4)]), strict=True))


def as_many(rng):
    """As many channels out as in."""
    number = rng.integer(3, 6)
    return {"in_channels": number, "out_channels": number}


def images(rng, in_channels, **_):
    """A batch of feature maps of odd height and width, unequal and of either sign."""
    height, width = rng.choice([(5, 7), (7, 5), (7, 9), (9, 7)])
    return rng.randn(rng.integer(2, 3), in_channels, height, width)


@pytest.mark.points(1)
def test_parameters(student, reference, rng):
    """The block has the parameters `depthwise.weight` and `pointwise.weight` in the right shapes, and no others."""
    sizes = {**channels(rng), "kernel_size": 5}
    assert_parameters(student.DepthwiseSeparableConv(**sizes), reference.DepthwiseSeparableConv(**sizes), hint=COUNT)


@pytest.mark.points(2)
@pytest.mark.parametrize(
    ("kernel_size", "stride"),
    [(5, 1), (3, 2), (1, 1)],
    ids=["5x5 kernel", "3x3 kernel, stride 2", "1x1 kernel"],
)
def test_output_shape(student, rng, kernel_size, stride):
    """Height and width are divided by the stride and rounded up, whatever the kernel size."""
    in_channels, out_channels = rng.distinct(3, 7, 2)
    block = student.DepthwiseSeparableConv(in_channels, out_channels, kernel_size, stride).double()
    height, width = rng.choice([(7, 10), (10, 7)])
    out = block(rng.randn(2, in_channels, height, width))
    what = f"{block.asked}: the output for an input of height {height} and width {width}"
    assert_shape(out, (2, out_channels, -(-height // stride), -(-width // stride)), what)


@pytest.mark.points(1)
def test_linear_in_the_input(student, rng):
    """The block is linear: scaling and adding inputs scales and adds the outputs."""
    sizes = channels(rng)
    block = student.DepthwiseSeparableConv(**sizes)
    randomise(block, rng)
    block.eval()
    shape = (2, sizes["in_channels"], 5, 7)
    x, y = rng.randn(*shape), rng.randn(*shape)
    assert_close(
        block(2 * x - 3 * y),
        2 * block(x) - 3 * block(y),
        f"{block.asked}: block(2x - 3y), against 2 block(x) - 3 block(y),",
        hint=LINEAR,
    )


@pytest.mark.points(2)
@pytest.mark.parametrize(
    ("width", "options"),
    [(as_many, {}), (channels, {"kernel_size": 5}), (channels, STRIDE_2), (channels, STRIDE_3)],
    ids=["3x3 kernel, in = out", "5x5 kernel", "3x3 kernel, stride 2", "5x5 kernel, stride 3"],
)
def test_outputs(student, reference, rng, width, options):
    """Same outputs as the reference."""
    sizes = {**width(rng), **options}
    mine, theirs = student.DepthwiseSeparableConv(**sizes), reference.DepthwiseSeparableConv(**sizes)
    share_weights(mine, theirs, rng)
    assert_same_outputs(mine, theirs, inputs=[images(rng, **sizes)])


@pytest.mark.points(1)
def test_outputs_in_training(student, reference, rng):
    """Same outputs as the reference in training mode, one batch after another."""
    sizes = channels(rng)
    mine, theirs = student.DepthwiseSeparableConv(**sizes), reference.DepthwiseSeparableConv(**sizes)
    share_weights(mine, theirs, rng)
    for _ in range(2):
        assert_same_outputs(mine, theirs, inputs=[images(rng, **sizes)], mode="train")


@pytest.mark.points(2)
def test_input_gradient(student, reference, rng):
    """Same gradient of the input as the reference."""
    sizes = as_many(rng)
    mine, theirs = student.DepthwiseSeparableConv(**sizes), reference.DepthwiseSeparableConv(**sizes)
    share_weights(mine, theirs, rng)
    assert_same_gradients(mine, theirs, inputs=[images(rng, **sizes)], of=["inputs"])


@pytest.mark.points(2)
def test_weight_gradients(student, reference, rng):
    """Same gradients of both weights as the reference."""
    sizes = {**channels(rng), **STRIDE_2}
    mine, theirs = student.DepthwiseSeparableConv(**sizes), reference.DepthwiseSeparableConv(**sizes)
    share_weights(mine, theirs, rng)
    assert_same_gradients(mine, theirs, inputs=[images(rng, **sizes)], of=["parameters"])


@pytest.mark.points(1.5)
def test_input_untouched(student, rng):
    """The caller's input comes back unchanged."""
    sizes = as_many(rng)
    block = student.DepthwiseSeparableConv(**sizes)
    randomise(block, rng)
    assert_inputs_untouched(block, inputs=[images(rng, **sizes)])


@pytest.mark.points(0.5)
def test_second_call(student, rng):
    """Calls do not remember one another: the same input gives the same output after a call with another size."""
    sizes = channels(rng)
    block = student.DepthwiseSeparableConv(**sizes)
    randomise(block, rng)
    x = images(rng, **sizes)
    first = block(x.clone())
    block(rng.randn(1, sizes["in_channels"], 8, 6))
    assert_close(block(x.clone()), first, f"{block.asked}: the output of a later call with the same input")
