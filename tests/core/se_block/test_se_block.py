"""Hidden suite of `se_block`: one gate between 0 and 1 per image and channel, made from the means of all channels."""

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
    assert_shape,
    assert_world_untouched,
    check,
    layouts,
    randomise,
    share_weights,
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


def twins(student, reference, rng, sizes):
    """Student's and reference's block with the same random weights."""
    mine, theirs = student.SEBlock(**sizes), reference.SEBlock(**sizes)
    share_weights(mine, theirs, rng)
    return mine, theirs


# -- layers and shapes ------------------------------------------------------------------------------------------------


@pytest.mark.form
@pytest.mark.points(1.25, again=0.25)
def test_layers(student, reference, rng):
    """Names and shapes of the parameters, whatever channels and reduction."""
    for sizes in (rounds_down(rng), few_channels(rng), default_reduction(rng)):
        mine = student.SEBlock(**sizes)
        hint = "hidden = channels // reduction, at least 1. Both layers have a bias."
        assert_parameters(mine, reference.SEBlock(**sizes), hint=hint)
        x = cube(rng, sizes).float()
        out = mine.float()(x)
        assert_shape(out, x.shape, f"{mine.asked}: the output")
        check(out.dtype == x.dtype, f"{mine.asked}: the output has dtype {out.dtype}, the input {x.dtype}.")
    assert_nothing_shared(lambda: student.SEBlock(**sizes))


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
    assert_close(mine(x), x * torch.sigmoid(biases)[:, None, None], f"{mine.asked}, zero but for fc2.bias: the output")


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
    mine, theirs = student.SEBlock(**sizes).double(), reference.SEBlock(**sizes)
    weights = {name: value for name, value in randomise(theirs, rng).items() if name.endswith("weight")}
    for block in (mine, theirs):
        block.load_state_dict(weights)  # a bias that is not mentioned is set to zero
    assert_same_outputs(mine, theirs, [wide(rng, sizes)])


# -- what makes it a gate, with random weights of the student's own block ---------------------------------------------


@pytest.mark.form
@pytest.mark.points(0.25)
def test_gate(student, rng):
    """The output is the input times one gate per image and channel, between 0 and 1."""
    sizes = rounds_down(rng)
    mine = student.SEBlock(**sizes)
    # Large weights drive the scores far from 0 on both sides.
    mine.load_state_dict({name: 2 * value for name, value in randomise(mine, rng).items()})
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
    mine.load_state_dict({name: 0.3 * value.abs() for name, value in randomise(mine, rng).items()})
    mine.eval()
    x, other = cube(rng, sizes).abs(), cube(rng, sizes).abs()
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


@pytest.mark.points(2, again=0.6)
@pytest.mark.parametrize(("images", "mode"), [(wide, "eval"), (tall, "train")], ids=["evaluation", "training"])
def test_outputs(student, reference, rng, images, mode):
    """Same outputs as the reference."""
    sizes = rounds_down(rng)
    mine, theirs = twins(student, reference, rng, sizes)
    assert_same_outputs(mine, theirs, [images(rng, sizes)], mode)


@pytest.mark.points(1.5, again=0.5)
def test_sizes_of_one_and_many(student, reference, rng):
    """One channel, one image, one pixel, more reduction than channels, and large sizes: nothing is a special case."""
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
        mine, theirs = twins(student, reference, rng, sizes)
        for count in (1, 2):
            assert_same_outputs(mine, theirs, [batch(rng, count, sizes["channels"], height, width)])
    mine, theirs = twins(student, reference, rng, {"channels": few, "reduction": 2})
    weights = theirs.state_dict()
    weights["fc2.bias"] = 2_000.0 * (-1.0) ** torch.arange(few).double()  # scores far from 0, on both sides
    for block in (mine, theirs):
        block.load_state_dict(weights)
    x = batch(rng, 2, few, 3, 4)
    assert_same_outputs(mine, theirs, [x], hint="The scores are large here. Is any exponential beyond all numbers?")


@pytest.mark.points(1.5, again=0.5)
def test_layouts(student, reference, rng):
    """It does not matter how the images lie in memory, nor in which dtype they come."""
    sizes = rounds_down(rng)
    mine, theirs = twins(student, reference, rng, sizes)
    for what, same in layouts(wide(rng, sizes)).items():
        assert_same_outputs(mine, theirs, [same], hint=f"x is {what} here.")
    assert_same_in_float32(mine, theirs, wide(rng, sizes))


# -- gradients --------------------------------------------------------------------------------------------------------

TWICE = "x enters the output twice: as a factor and through the gate. Is one of the two ways cut, or changed?"


@pytest.mark.points(2, again=0.5)
@pytest.mark.parametrize("of", ["inputs", "parameters"])
def test_gradients_in_training(student, reference, rng, of):
    """Same gradients of the input, and of weight and bias of both layers, in training mode."""
    sizes = rounds_down(rng)
    mine, theirs = twins(student, reference, rng, sizes)
    assert_same_gradients(mine, theirs, [wide(rng, sizes)], "train", of=(of,), names=["x"], hint=TWICE)


@pytest.mark.points(1.5, again=0.5)
def test_gradients_in_evaluation(student, reference, rng):
    """Same gradients in evaluation mode, where they flow as well."""
    sizes = rounds_down(rng)
    mine, theirs = twins(student, reference, rng, sizes)
    assert_same_gradients(mine, theirs, [tall(rng, sizes)], "eval", names=["x"], hint=TWICE)
    for block in (mine, theirs):
        block.requires_grad_(False)
    hint = "All parameters are frozen here. The layers before the block may still learn, by both ways."
    assert_same_gradients(mine, theirs, [tall(rng, sizes)], "eval", of=("inputs",), names=["x"], hint=hint)


# -- side effects -----------------------------------------------------------------------------------------------------


@pytest.mark.form
@pytest.mark.points(1.5)
def test_input_untouched(student, rng):
    """The block scales a new tensor and leaves the caller's as it was: training, evaluating, and under no_grad."""
    sizes = rounds_down(rng)
    mine = student.SEBlock(**sizes)
    randomise(mine, rng)
    hint = "A skip connection around the block still needs the input. Multiply into a new tensor."
    x = cube(rng, sizes)
    for mode in ("train", "eval"):
        assert_inputs_untouched(mine, [x], mode, names=["x"], hint=hint)
        with torch.no_grad():
            assert_inputs_untouched(mine, [x], mode, names=["x"], hint=hint)


@pytest.mark.points(1.5, again=0.25)
def test_blocks_are_separate(student, reference, rng):
    """Blocks have nothing in common, calls do not remember one another, and the world stays as it is."""
    sizes = rounds_down(rng)
    x = wide(rng, sizes)
    assert_world_untouched(student, lambda: student.SEBlock(**sizes), "Making an SEBlock")
    assert_separate_objects(lambda: student.SEBlock(**sizes), lambda: reference.SEBlock(**sizes), [x], rng)
    mine, theirs = twins(student, reference, rng, sizes)
    assert_nothing_kept(mine, theirs, x, rng)
    assert_world_untouched(student, lambda: mine(x), f"A forward of {mine.asked}")
