"""Hidden suite of `dense_block`: layers that see all maps before them, against the reference."""

from __future__ import annotations

import pytest
import torch

from autograder.suite import (
    assert_close,
    assert_nothing_shared,
    assert_parameters,
    assert_same_outputs,
    assert_shape,
    check,
)
from autograder.suite.modules import Case, ModuleChecks

ORDER = "The oldest maps come first, in what a layer sees and in the output, and the input is among them."
INSIDE = (
    "What a layer sees, oldest maps first, is normalised, goes through ReLU, is convolved; the maps themselves stay."
)
ONCE = (
    "Each layer counts a training forward once, backward none: is `num_batches_tracked` 1 after both? If so, compare "
    "the options of `norm` with PyTorch's defaults."
)
WIDTHS = "Layer i sees in_channels + i * growth_rate maps. Each layer has `norm` and `conv`, and no bias in `conv`."


def several(rng):
    """Other widths for the input and for what is added, so that places in the output tell them apart."""
    channels, growth = rng.distinct(2, 5, 2)
    return {"in_channels": channels, "growth_rate": growth, "num_layers": 3}


def as_many(rng):
    """Every layer adds as many maps as the input has: all shapes agree in whatever order they come."""
    channels = rng.integer(2, 4)
    return {"in_channels": channels, "growth_rate": channels, "num_layers": 2}


def one_layer(rng):
    return {**several(rng), "num_layers": 1}


def one_by_one(rng):
    return {"in_channels": rng.integer(2, 4), "growth_rate": 1, "num_layers": 4}


def large(rng):
    return {"in_channels": 64, "growth_rate": 32, "num_layers": rng.integer(3, 4)}


def images(rng, arguments):
    """(N, in_channels, H, W) with values of both signs; H and W differ."""
    height, width = rng.distinct(3, 7, 2)
    return [rng.randn(rng.integer(2, 3), arguments["in_channels"], height, width)]


def photographs(rng, arguments):
    return [torch.zeros(4, arguments["in_channels"], 56, 48, dtype=torch.float64)]


blocks = ModuleChecks(
    "DenseBlock",
    {
        "three layers": Case(several, images),
        "growth rate = channels": Case(as_many, images),
        "one layer": Case(one_layer, images),
        "growth rate 1": Case(one_by_one, images),
        "large": Case(large, photographs),
    },
)
SMALL = [case for case in blocks.cases if case != "large"]


@pytest.mark.form
@pytest.mark.points(0.75, again=0.5)
def test_parameters(student, reference, rng):
    """Names and shapes of parameters and buffers."""
    for case in SMALL:
        arguments, _ = blocks.cases[case].draw(rng)
        mine, theirs = blocks.pair(student, reference, arguments)
        hint, own = WIDTHS, mine.state_dict()
        norm = own.get("layers.0.norm.weight")
        if norm is not None and norm.numel() == arguments["growth_rate"] != arguments["in_channels"]:
            hint = "`norm` is as wide as what `conv` gives. It stands before `conv`, as wide as what the layer sees."
        if not own:
            hint = "Your block has no parameters at all: torch does not look for layers in a list of Python's."
        assert_parameters(mine, theirs, hint=hint)
        assert_nothing_shared(lambda given=arguments: student.DenseBlock(**given))


test_shapes = blocks.shapes_on_meta(
    points=0.25,
    again=0.1,
    of=["large"],
    hint="The output is all maps, one behind the other: those of the input, then those of each layer.",
)


@pytest.mark.points(0.25)
def test_convolutions_alone(student, reference, rng):
    """With normalisations that change nothing and numbers that are all positive, the convolutions give the output."""
    mine, theirs = plain_twins(student, reference, rng, several(rng))
    x = 0.1 + rng.rand(2, theirs.state_dict()["layers.0.norm.weight"].numel(), 4, 3)
    assert_same_outputs(mine, theirs, [x], hint=about_order(mine.eval(), theirs.eval(), x))


def about_order(mine, theirs, x):
    """A hint: whether images depend on one another, where the input stands in the output, and what the edges do."""
    out, channels = mine(x), x.shape[1]
    if not (isinstance(out, torch.Tensor) and out.dim() == 4 and len(out) == len(x)):
        return ORDER
    if not torch.allclose(out[:1], mine(x[:1])):
        return (
            "In evaluation, what comes of an image depends on the others of its batch. Normalisations go by their "
            "running statistics then."
        )
    expected = theirs(x)
    growth = (expected.shape[1] - channels) // 3
    first, right = (maps[:, channels : channels + growth].double() for maps in (out, expected))
    inside = (..., slice(1, -1), slice(1, -1))
    if (
        out.shape == expected.shape
        and not torch.allclose(first, right)
        and torch.allclose(first[inside], right[inside])
    ):
        return (
            "What the first layer adds is right inside and wrong at the edges. With which numbers does `conv` go on "
            "beyond the edge?"
        )
    if torch.equal(out[:, :channels], x):
        return "The input stands first in the output, as it should. What a layer sees begins with the oldest maps, too."
    if torch.equal(out[:, -channels:], x):
        return "The input stands last in your output. The oldest maps come first, in what a layer sees, too."
    return ORDER


@pytest.mark.points(0.25)
def test_one_layer_alone(student, reference, rng):
    """With a single layer and a positive image: the sum of all maps of the output, in whatever order they come."""
    arguments, factor = {"in_channels": 1, "growth_rate": 1, "num_layers": 1}, rng.integer(2, 4)
    mine, theirs = student.DenseBlock(**arguments), reference.DenseBlock(**arguments)
    for block in (mine, theirs):
        values = block.state_dict()
        for name, value in values.items():
            value.fill_(1e10 if name.endswith("running_var") else 0.0)  # no eps is seen beside it
            if name.endswith("norm.weight"):
                value.fill_(1e5)
            if value.dim() == 4:
                value[:, :, value.shape[2] // 2, value.shape[3] // 2] = factor
        block.load_state_dict(values)
    x = rng.integers(1, 9, (2, 1, 3, 4)).float()
    out, expected = mine.float().eval()(x), theirs.float().eval()(x)
    check(isinstance(out, torch.Tensor) and out.dim() == 4, f"{mine.asked}: the output has not four dimensions.")
    what = f"{mine.asked}, multiplying by {factor}, x positive: the sum of the output's maps"
    assert_close(out.sum(dim=1), expected.sum(dim=1), what)


@pytest.mark.points(0.25)
def test_signs(student, reference, rng):
    """One layer whose kernel hands on what it is given, with numbers of one sign: where the ReLU stands."""
    arguments = {"in_channels": 1, "growth_rate": 1, "num_layers": 1}
    x = rng.integers(1, 9, (2, 1, 3, 4)).float()
    for image, shift, kernel, what, hint in (
        (-x, 0.0, 1.0, "x negative", "`norm` changes nothing here. What does a ReLU leave of negative numbers?"),
        (-x, 10.0, 1.0, "x negative, `norm` adding 10", ""),
        (x, 0.0, -1.0, "x positive, `conv` turning the sign", "`conv` gives negative numbers here. What follows it?"),
    ):
        mine, theirs = student.DenseBlock(**arguments), reference.DenseBlock(**arguments)
        for block in (mine, theirs):
            values = block.float().state_dict()
            for name, value in values.items():
                value.fill_(1e10 if name.endswith("running_var") else 0.0)  # no eps is seen beside it
                if name.endswith("norm.weight"):
                    value.fill_(1e5)
                elif name.endswith("norm.bias"):
                    value.fill_(shift)
                elif value.dim() == 4:
                    value[:, :, value.shape[2] // 2, value.shape[3] // 2] = kernel
            block.load_state_dict(values)
        given = image.clone()
        out, expected = mine.eval()(given), theirs.eval()(image)
        asked = f"{mine.asked}, {what}: "
        assert_shape(out, expected.shape, asked=asked)
        kept = "The maps that were there come out as they were. What is done to all maps together, at the end?"
        if torch.equal(out[:, 1:], expected[:, :1]):
            kept = ORDER
        elif not torch.equal(given, image):
            kept = "The maps that were there come out as they were. Your activation changes them, and x, in place."
        assert_close(out[:, :1], expected[:, :1], "the input's map in the output", asked=asked, hint=kept)
        if shift:
            hint = "What the layer adds is the same wherever x is negative. Does a ReLU come before `norm`?"
            if not out[:, 1:].any():
                hint = "Nothing of these 10 is seen in what the layer adds. Does forward call `norm`?"
        assert_close(out[:, 1:], expected[:, 1:], "the map that the layer adds", asked=asked, hint=hint)


@pytest.mark.points(0.25)
def test_last_maps(student, reference, rng):
    """The maps that the last layer adds, which stand at the end of the output."""
    arguments, (x,) = blocks.cases["three layers"].draw(rng)
    mine, theirs = blocks.alike(student, reference, rng, arguments)
    growth = arguments["growth_rate"]
    out, expected = mine.eval()(x), theirs.eval()(x)
    check(isinstance(out, torch.Tensor) and out.dim() == 4, f"{mine.asked}: the output has not four dimensions.")
    what, hint = f"{mine.asked}: the last {growth} maps of the output", INSIDE
    if (out.shape, out.dtype) == (expected.shape, expected.dtype) and (out - expected).abs().max() < 0.01:
        hint = "You are off by little, everywhere. Which options of `norm` are not PyTorch's defaults?"
    assert_close(out[:, -growth:], expected[:, -growth:], what, hint=hint)


def plain_twins(student, reference, rng, arguments):
    """Both blocks with kernels of whole positive numbers, and normalisations that change nothing in evaluation. What
    the student's has besides is zero.
    """
    mine, theirs = student.DenseBlock(**arguments).double(), reference.DenseBlock(**arguments).double()
    weights = theirs.state_dict()
    for name, value in weights.items():
        if value.dim() == 4:
            value.copy_(rng.integers(1, 3, value.shape))
        elif name.endswith("running_var"):
            value.fill_(1e10)  # no eps is seen beside it
        else:
            value.fill_(1e5 if name.endswith("norm.weight") else 0.0)
    theirs.load_state_dict(weights)
    own = mine.state_dict()
    for name, value in own.items():
        fits = name in weights and weights[name].shape == value.shape
        own[name] = weights[name] if fits else torch.zeros_like(value)
    mine.load_state_dict(own)
    return mine, theirs


test_outputs_evaluating = blocks.outputs("eval", points=0.75, again=0.25, of=SMALL, one_by_one=True, hint=INSIDE)


@pytest.mark.points(0.75, again=0.25)
def test_outputs_training(student, reference, rng):
    """Outputs in training mode."""
    for case in ("three layers", "one layer"):
        mine, theirs, (x,) = blocks.twins(student, reference, rng, case)
        evaluated, out, again = mine.eval()(x), mine.train()(x), mine(x)
        hint = "In training, normalisations take mean and variance from the batch, and nothing is drawn at random."
        if not torch.equal(out, again):
            hint = "Two equal calls differ in training. What is drawn at random there, and who asks for it?"
        elif torch.equal(out, evaluated):
            hint = "Training gives what evaluation gives. Normalisations take mean and variance from the batch then."
        assert_same_outputs(mine, theirs, [x], "train", hint=hint)


@pytest.mark.points(0.25)
def test_second_image(student, reference, rng):
    """A second call, with another image."""
    mine, theirs, (x,) = blocks.twins(student, reference, rng, "three layers")
    mine.eval()(rng.randn(*x.shape))
    hint = "This is the second call, with another image. Is anything kept on self that began with the first one?"
    assert_same_outputs(mine, theirs, [x], hint=hint)


def special(rng):
    """Arguments, images and modes."""
    few = rng.integer(2, 4)
    for arguments, shape, modes in (
        ((few, few + 1, 2), (1, 4, 5), ("eval", "train")),
        ((few, 2, 2), (3, 1, 1), ("eval", "train")),
        ((few, 2, 2), (1, 1, 1), ("eval",)),  # one value per channel has no variance to train with
        ((1, 3, 2), (2, 1, 5), ("eval", "train")),
        ((2, 1, 24), (2, 3, 2), ("eval",)),  # as many layers as the longest block of DenseNet-121
        ((1, 2, 1), (1, 67, 70), ("eval",)),
    ):
        yield arguments, rng.randn(shape[0], arguments[0], *shape[1:]), modes


test_sizes_of_one_and_many = blocks.sizes(
    special,
    "One image, one pixel, one map, many layers, and a large image: nothing is a special case",
    points=1.5,
    again=0.25,
    hint=WIDTHS,
)


test_layouts = blocks.layouts(points=1.5, again=0.25, of=["three layers"])

test_statistics = blocks.statistics(
    points=1.5,
    again=0.5,
    of=["three layers", "growth rate = channels"],
    hint=ONCE,
)

ALL_WAYS = "A map is seen by every later layer and by the output: gradients come back by all of these ways."
test_gradients_in_training = blocks.gradients(
    "train", points=1.5, again=0.5, of=["three layers", "growth rate = channels"], hint=ALL_WAYS
)
test_gradients_in_evaluation = blocks.gradients(
    "eval", points=1.5, again=0.25, of=["three layers", "growth rate 1"], frozen=True, hint=ALL_WAYS
)
test_input_untouched = blocks.inputs_untouched(
    points=1.5, of=["three layers"], hint="The ReLU changes what a layer sees, not the maps themselves."
)
test_blocks_are_separate = blocks.separate(points=1.5, again=0.25, of=["three layers"])
