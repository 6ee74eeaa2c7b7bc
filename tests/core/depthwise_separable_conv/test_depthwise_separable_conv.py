"""Hidden suite of `depthwise_separable_conv`: a depthwise k x k convolution, then a pointwise 1x1 convolution.

The stride may sit on either step: values and gradients are the same.
"""

from __future__ import annotations

import pytest
import torch

from autograder.suite import (
    assert_close,
    assert_inputs_untouched,
    assert_nothing_kept,
    assert_nothing_shared,
    assert_parameters,
    assert_same_gradients,
    assert_same_in_float32,
    assert_same_outputs,
    assert_separate_objects,
    assert_world_untouched,
    check,
    layouts,
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


def twice_as_many(rng):
    """Twice as many channels out as in."""
    number = rng.integer(3, 4)
    return {"in_channels": number, "out_channels": 2 * number}


def half_as_many(rng):
    """Half as many channels out as in."""
    number = rng.integer(3, 4)
    return {"in_channels": 2 * number, "out_channels": number}


def images(rng, in_channels, **_):
    """A batch of feature maps of odd height and width, unequal and of either sign."""
    height, width = rng.choice([(5, 7), (7, 5), (7, 9), (9, 7)])
    return rng.randn(rng.integer(2, 3), in_channels, height, width)


def twins(student, reference, rng, sizes):
    """The student's block and ours with the same random weights."""
    mine, theirs = student.DepthwiseSeparableConv(**sizes), reference.DepthwiseSeparableConv(**sizes)
    share_weights(mine, theirs, rng)
    return mine, theirs


def set_weights(mine, theirs, **weights):
    """Put `depthwise` or `pointwise` weights into both blocks."""
    values = theirs.state_dict() | {f"{layer}.weight": weight for layer, weight in weights.items()}
    theirs.load_state_dict(values)
    mine.load_state_dict(values)


@pytest.mark.form
@pytest.mark.points(1, again=0.25)
def test_parameters(student, reference, rng):
    """The block has the parameters `depthwise.weight` and `pointwise.weight` in the right shapes, and no others."""
    sizes = {**channels(rng), "kernel_size": 5}
    assert_parameters(student.DepthwiseSeparableConv(**sizes), reference.DepthwiseSeparableConv(**sizes), hint=COUNT)
    assert_nothing_shared(lambda: student.DepthwiseSeparableConv(**sizes))


@pytest.mark.points(0.25)
def test_simplest_case(student, reference, rng):
    """One channel, a 1x1 kernel and whole positive numbers: each pixel is multiplied twice."""
    mine, theirs = twins(student, reference, rng, {"in_channels": 1, "out_channels": 1, "kernel_size": 1})
    set_weights(mine, theirs, depthwise=whole(rng, 1, 1, 1, 1), pointwise=whole(rng, 1, 1, 1, 1))
    assert_same_outputs(mine, theirs, [whole(rng, 2, 1, 4, 5)])


def whole(rng, *shape):
    """Whole numbers from 2 to 9."""
    return rng.integers(2, 9, shape).double()


@pytest.mark.points(1.5, again=0.25)
def test_depthwise_alone(student, reference, rng):
    """With a pointwise convolution that changes nothing, each channel is filtered with its own kernel."""
    sizes = as_many(rng)
    number = sizes["in_channels"]
    mine, theirs = twins(student, reference, rng, sizes)
    x = 0.1 + rng.rand(2, number, 5, 7)  # positive: what an activation does is another question
    same = torch.eye(number).double().reshape(number, number, 1, 1)
    for row, column in ((0, 2), (2, 1), (1, 0)):
        kernels = torch.zeros(number, 1, 3, 3).double()
        kernels[:, 0, row, column] = 1.0
        set_weights(mine, theirs, depthwise=kernels, pointwise=same)
        down, right = 1 - row, 1 - column
        what = (
            f"{mine.asked}, each kernel zero but for a 1 in row {row}, column {column}, which moves the image down by "
            f"{down} and to the right by {right}: the output"
        )
        assert_close(mine(x), theirs(x), what, hint="Is the kernel turned, mirrored, or padded on one side only?")
    set_weights(mine, theirs, depthwise=0.1 + rng.rand(number, 1, 3, 3), pointwise=same)
    assert_same_outputs(
        mine, theirs, [x], hint="The pointwise weight is the identity here, so the depthwise step is what differs."
    )


@pytest.mark.points(0.25)
def test_middle(student, reference, rng):
    """Away from the border, where no padding shows, the output is right."""
    sizes = as_many(rng)
    number = sizes["in_channels"]
    mine, theirs = twins(student, reference, rng, sizes)
    set_weights(mine, theirs, depthwise=0.1 + rng.rand(number, 1, 3, 3), pointwise=0.1 + rng.rand(number, number, 1, 1))
    x = 0.1 + rng.rand(2, number, 13, 11)
    out, expected = mine(x), theirs(x)
    odd = [size % 2 for size in getattr(out, "shape", ())[2:]] == [1, 1]
    check(odd, f"{mine.asked}: the output for 13 x 11 pixels has no pixel in its middle.")
    assert_close(middle(out), middle(expected), f"{mine.asked}, all numbers positive: the middle of the output")


def middle(maps):
    """The 3 x 3 pixels in the middle of maps of odd height and width."""
    row, column = maps.shape[2] // 2, maps.shape[3] // 2
    return maps[:, :, row - 1 : row + 2, column - 1 : column + 2]


@pytest.mark.points(0.25)
def test_pointwise_alone(student, reference, rng):
    """With kernels that change nothing, each pixel's channels are mixed."""
    mine, theirs = twins(student, reference, rng, {"in_channels": 2, "out_channels": 2})
    kernels = torch.zeros(2, 1, 3, 3).double()
    kernels[:, 0, 1, 1] = 1.0
    set_weights(mine, theirs, depthwise=kernels, pointwise=0.1 + rng.rand(2, 2, 1, 1))
    x = 0.1 + rng.rand(2, 2, 5, 7)
    assert_same_outputs(
        mine, theirs, [x], hint="Each kernel is 1 in the middle here, so the pointwise step is what differs."
    )


@pytest.mark.points(2, again=0.6)
@pytest.mark.parametrize(
    ("width", "options"),
    [(as_many, {}), (twice_as_many, {"kernel_size": 5}), (half_as_many, STRIDE_2), (channels, STRIDE_3)],
    ids=["3x3 kernel, in = out", "5x5 kernel", "3x3 kernel, stride 2", "5x5 kernel, stride 3"],
)
def test_outputs(student, reference, rng, width, options):
    """Same outputs as the reference."""
    sizes = {**width(rng), **options}
    mine, theirs = twins(student, reference, rng, sizes)
    assert_same_outputs(mine, theirs, inputs=[images(rng, **sizes)], hint=LINEAR)


@pytest.mark.points(1.5, again=1.25)
def test_sizes_of_one_and_many(student, reference, rng):
    """One channel, a kernel of one pixel, an image of one pixel, and large sizes: nothing is a special case."""
    few = rng.integer(3, 5)
    for sizes, (height, width) in (
        ({"in_channels": few, "out_channels": few + 1, "kernel_size": 1}, (4, 5)),
        ({"in_channels": few, "out_channels": few, "kernel_size": 1, "stride": 2}, (5, 4)),
        ({"in_channels": 1, "out_channels": few}, (4, 5)),
        ({"in_channels": few, "out_channels": 1}, (5, 4)),
        ({"in_channels": 2, "out_channels": 2}, (2, 4)),
        ({"in_channels": few, "out_channels": few + 2}, (1, 1)),
        ({"in_channels": few, "out_channels": few - 1, "kernel_size": 7}, (3, 2)),
        ({"in_channels": few, "out_channels": few + 1, "kernel_size": 1}, (1, 1)),
        ({"in_channels": 3, "out_channels": 8, "kernel_size": 3, "stride": 2}, (7, 9)),
        ({"in_channels": 64, "out_channels": 32, "stride": 2}, (8, 8)),
        ({"in_channels": 3, "out_channels": 2}, (33, 20)),
        ({"in_channels": 1, "out_channels": 2}, (67, 70)),
    ):
        mine, theirs = student.DepthwiseSeparableConv(**sizes), reference.DepthwiseSeparableConv(**sizes)
        assert_parameters(mine, theirs, hint=COUNT)
        share_weights(mine, theirs, rng)
        for count in (1, 2):
            assert_same_outputs(mine, theirs, [rng.randn(count, sizes["in_channels"], height, width)])


@pytest.mark.points(1.5, again=0.25)
def test_layouts(student, reference, rng):
    """It does not matter how the images lie in memory, nor in which dtype they come."""
    sizes = channels(rng)
    mine, theirs = twins(student, reference, rng, sizes)
    x = images(rng, **sizes)
    for what, same in layouts(x).items():
        assert_same_outputs(mine, theirs, [same], hint=f"x is {what} here.")
    assert_same_in_float32(mine, theirs, x)


@pytest.mark.points(1.5, again=0.25)
def test_gradients_in_training(student, reference, rng):
    """Same outputs, and same gradients of the input and of both weights, in training mode."""
    for sizes in (as_many(rng), {**channels(rng), **STRIDE_2}):
        mine, theirs = twins(student, reference, rng, sizes)
        for _ in range(2):
            assert_same_outputs(mine, theirs, inputs=[images(rng, **sizes)], mode="train")
        assert_same_gradients(mine, theirs, inputs=[images(rng, **sizes)], names=["x"])


@pytest.mark.points(1.5, again=0.25)
def test_gradients_in_evaluation(student, reference, rng):
    """Same gradients of the input and of both weights in evaluation mode, where they flow as well."""
    for sizes in (as_many(rng), {**channels(rng), **STRIDE_2}):
        mine, theirs = twins(student, reference, rng, sizes)
        assert_same_gradients(mine, theirs, inputs=[images(rng, **sizes)], mode="eval", names=["x"])
        for block in (mine, theirs):
            block.requires_grad_(False)
        hint = "All parameters are frozen here. The layers before the block may still learn."
        assert_same_gradients(mine, theirs, [images(rng, **sizes)], "eval", of=("inputs",), names=["x"], hint=hint)


@pytest.mark.form
@pytest.mark.points(1.5)
def test_input_untouched(student, rng):
    """The caller's input comes back unchanged: in training, in evaluation, and under no_grad."""
    sizes = as_many(rng)
    block = student.DepthwiseSeparableConv(**sizes)
    randomise(block, rng)
    x = images(rng, **sizes)
    for mode in ("train", "eval"):
        assert_inputs_untouched(block, [x], mode, names=["x"])
        with torch.no_grad():
            assert_inputs_untouched(block, [x], mode, names=["x"])


@pytest.mark.points(1.5, again=0.25)
def test_blocks_are_separate(student, reference, rng):
    """Blocks have nothing in common, calls do not remember one another, and the world stays as it is."""
    sizes = channels(rng)
    x, other_size = images(rng, **sizes), rng.randn(1, sizes["in_channels"], 8, 6)
    assert_world_untouched(student, lambda: student.DepthwiseSeparableConv(**sizes), "Making a DepthwiseSeparableConv")
    assert_separate_objects(
        lambda: student.DepthwiseSeparableConv(**sizes), lambda: reference.DepthwiseSeparableConv(**sizes), [x], rng
    )
    mine, theirs = twins(student, reference, rng, sizes)
    mine(other_size)
    assert_nothing_kept(mine, theirs, x, rng)
    assert_world_untouched(student, lambda: mine(x), f"A forward of {mine.asked}")
