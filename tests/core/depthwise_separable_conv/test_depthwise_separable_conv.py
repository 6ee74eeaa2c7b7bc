"""Hidden suite of `depthwise_separable_conv`: a depthwise k x k convolution, then a pointwise 1x1 convolution.

The stride may sit on either step: values and gradients are the same.
"""

from __future__ import annotations

import pytest
import torch

from autograder.suite import Case, ModuleChecks, assert_close, assert_same_outputs, check

COUNT = (
    "Count your parameters: there are in_channels * k**2 + in_channels * out_channels, each named as the stub says. "
    "nn.Conv2d has a bias unless told otherwise."
)
LINEAR = (
    "The block is two weighted sums and nothing else: no activation, no bias, no normalisation. The stride counts once."
)


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


def images(rng, sizes):
    """A batch of feature maps of odd height and width, unequal and of either sign."""
    height, width = rng.choice([(5, 7), (7, 5), (7, 9), (9, 7)])
    return rng.randn(rng.integer(2, 3), sizes["in_channels"], height, width)


def case(width, **options):
    """Numbers of channels that `width` draws, and the other arguments."""
    return Case(lambda rng: {**width(rng), **options}, images)


# Kernel size 2 * stride + 1 is avoided: there, stride and padding may change places unnoticed.
blocks = ModuleChecks(
    "DepthwiseSeparableConv",
    {
        "3x3 kernel, in = out": case(as_many),
        "5x5 kernel": case(twice_as_many, kernel_size=5),
        "3x3 kernel, stride 2": case(half_as_many, stride=2),
        "5x5 kernel, stride 3": case(channels, kernel_size=5, stride=3),
        "stride 2": case(channels, stride=2),
        "plain": case(channels),
    },
)
SQUARE, STRIDED, PLAIN = "3x3 kernel, in = out", "stride 2", "plain"
FOUR = list(blocks.cases)[:4]


def set_weights(mine, theirs, **weights):
    """Put `depthwise` or `pointwise` weights into both blocks."""
    values = theirs.state_dict() | {f"{layer}.weight": weight for layer, weight in weights.items()}
    theirs.load_state_dict(values)
    mine.load_state_dict(values)


test_parameters = blocks.parameters(
    "The block has the parameters `depthwise.weight` and `pointwise.weight` in the right shapes, and no others",
    points=1,
    again=0.25,
    of=["5x5 kernel, stride 3"],
    hint=COUNT,
)


@pytest.mark.points(0.25)
def test_simplest_case(student, reference, rng):
    """One channel, a 1x1 kernel and whole positive numbers: each pixel is multiplied twice."""
    mine, theirs = blocks.alike(student, reference, rng, {"in_channels": 1, "out_channels": 1, "kernel_size": 1})
    set_weights(mine, theirs, depthwise=whole(rng, 1, 1, 1, 1), pointwise=whole(rng, 1, 1, 1, 1))
    hint = "Both weights count, and the padding depends on the size of the kernel."
    assert_same_outputs(mine, theirs, [whole(rng, 2, 1, 4, 5)], hint=hint)


def whole(rng, *shape):
    """Whole numbers from 2 to 9."""
    return rng.integers(2, 9, shape).double()


@pytest.mark.points(1.5, again=0.25)
def test_depthwise_alone(student, reference, rng):
    """With a pointwise convolution that changes nothing, each channel is filtered with its own kernel."""
    sizes = as_many(rng)
    number = sizes["in_channels"]
    mine, theirs = blocks.alike(student, reference, rng, sizes)
    x = 0.1 + rng.rand(2, number, 5, 7)  # positive: what an activation does is another question
    same = torch.eye(number).double().reshape(number, number, 1, 1)
    for row, column in ((0, 2), (2, 1), (1, 0)):
        kernels = torch.zeros(number, 1, 3, 3).double()
        kernels[:, 0, row, column] = 1.0
        set_weights(mine, theirs, depthwise=kernels, pointwise=same)
        what = f"{mine.asked}, each kernel zero but for a 1 in row {row}, column {column}: the output"
        hint = "The image moves by a pixel and keeps its size. Is the kernel turned or mirrored, is each side padded?"
        assert_close(mine(x), theirs(x), what, hint=hint)
    set_weights(mine, theirs, depthwise=0.1 + rng.rand(number, 1, 3, 3), pointwise=same)
    hint = "All channels had the same kernel before, and now each has its own. Does channel c meet K[c], and no other?"
    assert_same_outputs(mine, theirs, [x], hint=hint)


@pytest.mark.points(0.25)
def test_middle(student, reference, rng):
    """Away from the border, where no padding shows, the output is right."""
    sizes = as_many(rng)
    number = sizes["in_channels"]
    mine, theirs = blocks.alike(student, reference, rng, sizes)
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
    mine, theirs = blocks.alike(student, reference, rng, {"in_channels": 2, "out_channels": 2})
    kernels = torch.zeros(2, 1, 3, 3).double()
    kernels[:, 0, 1, 1] = 1.0
    set_weights(mine, theirs, depthwise=kernels, pointwise=0.1 + rng.rand(2, 2, 1, 1))
    x = 0.1 + rng.rand(2, 2, 5, 7)
    assert_same_outputs(
        mine, theirs, [x], hint="Each kernel is 1 in the middle here, so the pointwise step is what differs."
    )


test_outputs = blocks.outputs(
    "eval",
    "Same outputs as the reference",
    points=2,
    again=0.6,
    of=FOUR,
    one_by_one=True,
    hint=LINEAR,
)
test_outputs_training = blocks.outputs("train", points=0.25, again=0, of=[SQUARE, STRIDED])


def special(rng):
    """Sizes at which a slip shows that no other size shows."""
    few = rng.integer(3, 5)
    for sizes, (height, width) in (
        ({"in_channels": few, "out_channels": few + 1, "kernel_size": 1}, (4, 5)),
        ({"in_channels": few, "out_channels": few, "kernel_size": 1, "stride": 2}, (5, 4)),
        ({"in_channels": 1, "out_channels": few}, (4, 5)),
        ({"in_channels": few, "out_channels": 1}, (5, 4)),
        ({"in_channels": 2, "out_channels": 2}, (2, 4)),
        ({"in_channels": few, "out_channels": few + 2}, (1, 1)),
        ({"in_channels": few, "out_channels": few - 1, "kernel_size": 9}, (3, 2)),
        ({"in_channels": few, "out_channels": few + 1, "kernel_size": 1}, (1, 1)),
        ({"in_channels": 64, "out_channels": 32, "stride": 2}, (8, 8)),
        ({"in_channels": 3, "out_channels": 2, "stride": 4}, (33, 20)),
        ({"in_channels": 1, "out_channels": 2}, (67, 70)),
    ):
        for count in (1, 17 if height == 1 else 2):
            yield sizes, rng.randn(count, sizes["in_channels"], height, width)
    yield (3, 8, 3, 2), rng.randn(2, 3, 7, 9)


test_sizes_of_one_and_many = blocks.sizes(
    special,
    "One channel, a kernel of one pixel, an image of one pixel, and large sizes: nothing is a special case",
    points=1.5,
    again=1.25,
    hint=COUNT,
)
test_layouts = blocks.layouts(points=1.5, again=0.25, of=[PLAIN])

GRAPH = "Gradients pass both convolutions, in evaluation, too. Does forward leave the graph anywhere, or switch it off?"

test_gradients_in_training = blocks.gradients("train", points=1.25, again=0.25, of=[SQUARE, STRIDED], hint=GRAPH)
test_gradients_in_evaluation = blocks.gradients(
    "eval", frozen=True, points=1.5, again=0.25, of=[SQUARE, STRIDED], hint=GRAPH
)
test_input_untouched = blocks.inputs_untouched(points=1.5, of=[SQUARE])
test_blocks_are_separate = blocks.separate(points=1.5, again=0.25, of=[PLAIN])
