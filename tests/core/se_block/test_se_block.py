"""Hidden suite of `se_block`: one gate between 0 and 1 per image and channel, made from the means of all channels."""

from __future__ import annotations

import pytest
import torch

from autograder.suite import (
    Case,
    ModuleChecks,
    assert_close,
    assert_same_outputs,
    assert_shape,
    check,
    randomise,
)

# -- sizes and data ---------------------------------------------------------------------------------------------------


def rounds_down(rng):
    """channels is neither a multiple of reduction nor its square, and hidden is neither 1 nor reduction."""
    reduction, hidden = rng.integer(2, 3), rng.integer(4, 5)
    return {"channels": reduction * hidden + rng.integer(1, reduction - 1), "reduction": reduction}


def few_channels(rng):
    """channels // reduction is 0."""
    channels = rng.integer(4, 7)
    return {"channels": channels, "reduction": channels + rng.integer(1, 9)}


def default_reduction(rng):
    """hidden is 1 for reduction 16, and more for 8 or for rounding up."""
    return {"channels": rng.integer(18, 23)}


def wide(rng, sizes):
    """Images with H < W < 2 H, neither of them C, in a batch of 3."""
    height = rng.choice([size for size in (4, 5) if size != sizes["channels"]])
    width = rng.choice([size for size in (6, 7) if size != sizes["channels"]])
    return batch(rng, 3, sizes["channels"], height, width)


def tall(rng, sizes):
    """As `wide`, turned."""
    return wide(rng, sizes).mT.contiguous()


def batch(rng, n, channels, height, width):
    """Images whose channels have clearly different means, so that squeezing them otherwise shows in the gates."""
    return rng.randn(n, channels, height, width) + 1.5 * rng.randn(n, channels, 1, 1)


def cube(rng, sizes):
    """Two images with H = W = C, for questions that a block can answer rightly although it mixes the axes up."""
    channels = sizes["channels"]
    return batch(rng, 2, channels, channels, channels)


blocks = ModuleChecks(
    "SEBlock",
    {
        "wide": Case(rounds_down, wide),
        "tall": Case(rounds_down, tall),
        "cube": Case(rounds_down, cube),
        "few channels": Case(few_channels, wide),
        "default reduction": Case(default_reduction, wide),
    },
)


# -- layers and shapes ------------------------------------------------------------------------------------------------

test_layers = blocks.parameters(
    "Names and shapes of the parameters, whatever channels and reduction",
    points=1.25,
    again=0.25,
    of=["wide", "few channels", "default reduction"],
    hint="hidden = channels // reduction, at least 1. Both layers have a bias.",
)


# -- one part at a time -----------------------------------------------------------------------------------------------


def only_last_bias(block, biases):
    """Give `block` weights of its own shapes, all zero but for the bias of fc2."""
    values = {name: torch.zeros_like(value) for name, value in block.double().state_dict().items()}
    values["fc2.bias"] = biases
    block.load_state_dict(values)


@pytest.mark.points(0.25)
def test_scale_alone(student, rng):
    """Where all weights but the bias of fc2 are zero, the gate is the sigmoid of that bias."""
    channels = rng.integer(5, 7)
    mine = student.SEBlock(channels, 2)
    biases = rng.randn(channels)
    only_last_bias(mine, biases)
    # Zero but where row and column are the channel's number: on which axis the gates lie is another question.
    x = torch.zeros(2, channels, channels, channels).double()
    for channel in range(channels):
        x[:, channel, channel, channel] = 1 + rng.rand(2)
    asked = f"{mine.asked}, zero but for fc2.bias, x but for one place of each map: "
    hint = (
        "No image reaches the scores here. What makes gates of scores, and what happens to x then? Which function "
        "comes after fc1, and which after fc2?"
    )
    assert_close(mine(x.clone()), x * torch.sigmoid(biases)[:, None, None], "the output", asked=asked, hint=hint)


@pytest.mark.points(0.25)
def test_order_of_the_gates(student, rng):
    """The larger the bias of fc2, the further up its channel is turned."""
    channels = rng.integer(6, 7)
    mine = student.SEBlock(channels, 2)
    shuffled = torch.tensor(rng.distinct(1, channels, channels))
    for biases in (shuffled, shuffled.flip(0)):
        only_last_bias(mine, biases / 4.0)
        out = mine(torch.ones(2, channels, 3, 4).double())
        assert_shape(out, (2, channels, 3, 4), f"{mine.asked}: the output")
        in_order = out.detach()[:, biases.argsort()]
        check(
            bool((in_order.diff(dim=1) > 0).all()),
            f"{mine.asked}, zero but for fc2.bias, input all ones: the outputs of the channels are not in the order of "
            "their biases.",
        )


@pytest.mark.points(0.25)
def test_without_biases(student, reference, rng):
    """Where all biases are zero, the weights of both layers make the gates."""
    sizes = rounds_down(rng)
    drawn = randomise(reference.SEBlock(**sizes), rng).values()
    weights = {name: value for name, value in drawn.items() if name.endswith("weight")}
    positive = {name: 0.3 * value.abs() for name, value in weights.items()}
    images = wide(rng, sizes)
    pixel = images[:1, :, :1, :1]
    both = (
        "One image of one pixel, and all weights positive: squeezing and a ReLU change nothing here. Which function "
        "follows fc1, and which fc2?"
    )
    negative = (
        "One image of one pixel, and some of what fc1 gives is negative, which it was not before. What becomes of "
        "that before fc2?"
    )
    squeeze = (
        "An image of one pixel was right, so look at the squeeze: which number describes a map of many pixels? Print "
        "z beside the mean of each map."
    )
    alone = "One image alone was right, and these are three. Over which axes is the mean?"
    for values, x, hint in (
        (positive, pixel.abs(), both),
        (weights, pixel, negative),
        (weights, -pixel, negative),
        (weights, images[:1], squeeze),
        (weights, images, alone),
    ):
        mine, theirs = student.SEBlock(**sizes).double(), reference.SEBlock(**sizes).double()
        for block in (mine, theirs):
            block.load_state_dict(values)  # a bias that is not mentioned is set to zero
        assert_same_outputs(mine, theirs, [x], hint=hint)


# -- what makes it a gate, with random weights of the student's own block ---------------------------------------------


@pytest.mark.form
@pytest.mark.points(0.25)
def test_gate(student, rng):
    """The output is the input times one gate per image and channel, between 0 and 1."""
    sizes = rounds_down(rng)
    mine = student.SEBlock(**sizes)
    # Large weights drive the scores far from 0 on both sides.
    mine.load_state_dict({name: 2 * value for name, value in randomise(mine, rng).values().items()})
    signs = torch.where(rng.rand(3, sizes["channels"], 1, 1) < 0.5, -1.0, 1.0)
    x = signs * (0.5 + rng.rand(3, sizes["channels"], 4, 6))  # nowhere near 0, so it can be divided by
    out = mine.eval()(x.clone()).detach()
    asked = f"{mine.asked}: the output"
    assert_shape(out, x.shape, asked)
    gate = out / x
    spread = float((gate.amax(dim=(2, 3)) - gate.amin(dim=(2, 3))).max())
    low, high = float(gate.min()), float(gate.max())
    check(
        spread < 1e-9,
        f"{asked} divided by the input differs by up to {spread:.3g} within one channel of one image; "
        "every position of a channel is multiplied by the same gate.",
    )
    check(
        high - low > 1e-9, f"{asked} divided by the input is {low:.3g} everywhere; each channel has a gate of its own."
    )
    check(
        low > -1e-9 and high < 1 + 1e-9,
        f"{asked} divided by the input, which is the gate, lies between {low:.3g} and {high:.3g}; expected 0 to 1.",
    )


@pytest.mark.form
@pytest.mark.points(0.25)
def test_gates_of_each_image(student, rng):
    """The gates of an image depend on this image, and not on the others of its batch."""
    sizes = rounds_down(rng)
    mine = student.SEBlock(**sizes)
    # All positive and small: no hidden unit is switched off, no gate saturates, so another image has other gates.
    mine.load_state_dict({name: 0.3 * value.abs() for name, value in randomise(mine, rng).values().items()})
    mine.eval()
    # So dark that even sums over the positions do not saturate a gate.
    x, other = 0.01 * cube(rng, sizes).abs(), 0.01 * cube(rng, sizes).abs()
    other[0] = x[0]
    brighter = 2 * x
    out, beside_another, out_brighter = mine(x), mine(other), mine(brighter)
    for tensor in (out, beside_another, out_brighter):
        assert_shape(tensor, x.shape, f"{mine.asked}: the output")
    what = f"{mine.asked}: the output for the first image, once the second image is another one,"
    assert_close(beside_another[0], out[0], what, hint="Over which axes is the mean?")
    differs = float((out_brighter - 2 * out).detach().abs().max()) > 1e-9
    check(differs, f"{mine.asked}: an image twice as bright gets the same gates; they must depend on the image.")


# -- values -----------------------------------------------------------------------------------------------------------


test_outputs_evaluating = blocks.outputs("eval", points=1, again=0.3, of=["wide"])
test_outputs_training = blocks.outputs("train", points=1, again=0.3, of=["tall"])


def special(rng):
    """Sizes at which a slip shows that no other size shows."""
    few = rng.integer(4, 6)
    for sizes, (height, width) in (
        ({"channels": few, "reduction": few + 3}, (4, 7)),
        ({"channels": 1}, (3, 3)),
        ({"channels": 2, "reduction": 1}, (2, 2)),
        ({"channels": few, "reduction": few}, (1, 1)),
        ({"channels": few, "reduction": 2}, (1, 5)),
        ({"channels": few, "reduction": 2}, (few, few)),
        ({"channels": 7}, (3, 4)),
        ({"channels": 40}, (5, 4)),
        ({"channels": 128}, (2, 3)),
        ({"channels": few, "reduction": 2}, (20, 33)),
        ({"channels": 2, "reduction": 1}, (67, 70)),
        ({"channels": 1, "reduction": 1}, (225, 226)),
    ):
        for count in (1, 17 if height == 1 else 2):
            yield sizes, batch(rng, count, sizes["channels"], height, width)


def large_scores(student, reference, rng):
    """Hidden values and scores far from zero, on both sides."""
    few = rng.integer(4, 6)
    mine, theirs = blocks.alike(student, reference, rng, {"channels": few, "reduction": 2})
    weights = theirs.state_dict()
    weights["fc1.weight"] *= 1e-4
    for block in (mine, theirs):
        block.load_state_dict(weights)
    bright = 1e6 * (1.0 + 0.5 * torch.arange(few).double())[:, None, None].expand(few, 3, 4)
    limit = "The means are large here. Does anything limit them, or the hidden layer?"
    assert_same_outputs(mine, theirs, [torch.stack([bright, -bright, bright.flip(0), -bright.flip(0)])], hint=limit)
    weights["fc2.bias"] = 2_000.0 * (-1.0) ** torch.arange(few).double()
    for block in (mine, theirs):
        block.load_state_dict(weights)
    x = batch(rng, 2, few, 3, 4)
    assert_same_outputs(mine, theirs, [x], hint="The scores are large here. Is any exponential beyond all numbers?")


test_sizes_of_one_and_many = blocks.sizes(
    special,
    "One channel, one image, one pixel, more reduction than channels, and large sizes: nothing is a special case",
    points=1.5,
    again=1.25,
    also=large_scores,
)
test_layouts = blocks.layouts(points=1.5, again=0.5, of=["wide"])

# -- gradients --------------------------------------------------------------------------------------------------------

TWICE = "x enters the output twice: as a factor and through the gate. Is one of the two ways cut, or changed?"

test_gradient_of_the_input_training = blocks.gradients(
    "train", "Gradient of the input in training mode", ["inputs"], points=1, again=0.25, of=["wide"], hint=TWICE
)
test_gradients_of_the_weights_training = blocks.gradients(
    "train", "Gradients of all weights in training mode", ["parameters"], points=1, again=0.25, of=["wide"], hint=TWICE
)
test_gradients_evaluating = blocks.gradients("eval", frozen=True, points=1.5, again=0.5, of=["tall"], hint=TWICE)

# -- side effects -----------------------------------------------------------------------------------------------------

test_input_untouched = blocks.inputs_untouched(
    points=1.5,
    of=["cube"],
    hint="A skip connection around the block still needs the input. Multiply into a new tensor.",
)
test_blocks_are_separate = blocks.separate(points=1.5, again=0.25, of=["wide"])
