"""Hidden suite of `se_block`: one gate between 0 and 1 per image and channel, made from the means of all channels."""

from __future__ import annotations

import pytest
import torch

from autograder.suite import (
    assert_close,
    assert_inputs_untouched,
    assert_parameters,
    assert_repeatable,
    assert_same_gradients,
    assert_same_outputs,
    assert_shape,
    check,
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


def one_wide(rng, sizes):
    """As `wide`, a batch of 1."""
    return wide(rng, sizes)[:1]


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


@pytest.mark.points(2)
@pytest.mark.parametrize(
    "draw",
    [rounds_down, few_channels, default_reduction],
    ids=["reduction does not divide channels", "fewer channels than reduction", "default reduction"],
)
def test_layers(student, reference, rng, draw):
    """Names and shapes of the parameters."""
    sizes = draw(rng)
    mine = student.SEBlock(**sizes)
    x = cube(rng, sizes).float()
    assert_shape(mine(x), x.shape, f"{mine.asked}: the output")
    hint = "hidden = channels // reduction, at least 1. Both layers have a bias."
    assert_parameters(mine, reference.SEBlock(**sizes), hint=hint)


@pytest.mark.points(1)
def test_shape(student, rng):
    """The output has the shape and dtype of the input: for a batch of one, a tall image, an image of one pixel."""
    sizes = rounds_down(rng)
    mine = student.SEBlock(**sizes)
    for n, height, width in [(1, 4, 7), (3, 6, 4), (2, 1, 1)]:
        x = batch(rng, n, sizes["channels"], height, width).float()
        out = mine(x)
        asked = f"{mine.asked}, input {tuple(x.shape)}: the output"
        assert_shape(out, x.shape, asked)
        check(out.dtype == x.dtype, f"{asked} has dtype {out.dtype}, the input {x.dtype}.")


# -- what makes it a gate, with random weights of the student's own block ---------------------------------------------


@pytest.mark.points(1)
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


@pytest.mark.points(1)
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


@pytest.mark.points(2.5)
@pytest.mark.parametrize(
    ("draw", "images", "mode"),
    [(rounds_down, wide, "eval"), (rounds_down, tall, "train"), (few_channels, one_wide, "eval")],
    ids=["wide images, evaluation", "tall images, training", "one wide image, fewer channels than reduction"],
)
def test_outputs(student, reference, rng, draw, images, mode):
    """Same outputs as the reference, also in a second call."""
    sizes = draw(rng)
    mine, theirs = twins(student, reference, rng, sizes)
    x = images(rng, sizes)
    assert_same_outputs(mine, theirs, [x], mode)
    assert_repeatable(mine, [x], mode)


# -- gradients --------------------------------------------------------------------------------------------------------


@pytest.mark.points(2)
@pytest.mark.parametrize(("images", "mode"), [(tall, "eval"), (wide, "train")], ids=["evaluation", "training"])
def test_input_gradient(student, reference, rng, images, mode):
    """Same gradient of the input, which comes back through the factor x and through the gate."""
    sizes = rounds_down(rng)
    mine, theirs = twins(student, reference, rng, sizes)
    hint = "x enters the output twice: as a factor and through the gate. Is one of the two ways cut, or changed?"
    assert_same_gradients(mine, theirs, [images(rng, sizes)], mode, of=("inputs",), names=["x"], hint=hint)


@pytest.mark.points(2)
@pytest.mark.parametrize(("images", "mode"), [(wide, "eval"), (tall, "train")], ids=["evaluation", "training"])
def test_parameter_gradients(student, reference, rng, images, mode):
    """Same gradients of weight and bias of both layers."""
    sizes = rounds_down(rng)
    mine, theirs = twins(student, reference, rng, sizes)
    assert_same_gradients(mine, theirs, [images(rng, sizes)], mode, of=("parameters",))


# -- side effects -----------------------------------------------------------------------------------------------------


@pytest.mark.points(1.5)
def test_input_untouched(student, rng):
    """The block scales a new tensor and leaves the caller's as it was."""
    sizes = rounds_down(rng)
    mine = student.SEBlock(**sizes).double()
    hint = "A skip connection around the block still needs the input. Multiply into a new tensor."
    x = cube(rng, sizes)
    for mode in ("eval", "train"):
        assert_inputs_untouched(mine, [x], mode, names=["x"], hint=hint)
    check(not torch.equal(mine(x), x), f"{mine.asked}: the output equals the input; no channel is scaled.")
