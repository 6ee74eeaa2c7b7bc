"""Hidden suite of `dense_block`: layers that see all maps before them, against the reference."""

from __future__ import annotations

import pytest
import torch

from autograder.suite import assert_close, assert_same_outputs, check
from autograder.suite.modules import Case, ModuleChecks

ORDER = "The oldest maps come first, in what a layer sees and in the output, and the input is among them."
INSIDE = (
    "What a layer sees, oldest maps first, is normalised, goes through ReLU, is convolved; the maps themselves stay."
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

test_parameters = blocks.parameters(points=1.25, again=0.5, of=SMALL, hint=WIDTHS)
test_shapes = blocks.shapes_on_meta(points=0.25, again=0.1, of=["large"])


@pytest.mark.points(0.25)
def test_convolutions_alone(student, reference, rng):
    """With normalisations that change nothing and numbers that are all positive, the convolutions give the output."""
    mine, theirs = plain_twins(student, reference, rng, several(rng))
    x = 0.1 + rng.rand(2, theirs.state_dict()["layers.0.norm.weight"].numel(), 4, 3)
    hint = (
        "In evaluation mode normalisations go by their running statistics, which change nothing here, nor does ReLU, "
        f"as nothing is negative. {ORDER}"
    )
    assert_same_outputs(mine, theirs, [x], hint=hint)


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
def test_last_maps(student, reference, rng):
    """The maps that the last layer adds, which stand at the end of the output."""
    arguments, (x,) = blocks.cases["three layers"].draw(rng)
    mine, theirs = blocks.alike(student, reference, rng, arguments)
    growth = arguments["growth_rate"]
    out, expected = mine.eval()(x), theirs.eval()(x)
    check(isinstance(out, torch.Tensor) and out.dim() == 4, f"{mine.asked}: the output has not four dimensions.")
    assert_close(out[:, -growth:], expected[:, -growth:], f"{mine.asked}: the last {growth} maps of the output")


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
test_outputs_training = blocks.outputs(
    "train",
    points=0.75,
    again=0.25,
    of=["three layers", "one layer"],
    hint="In training, normalisations take mean and variance from the batch, and nothing is drawn at random.",
)


def special(rng):
    """Arguments, images and modes."""
    few = rng.integer(2, 4)
    for arguments, shape, modes in (
        ((few, few + 1, 2), (1, 4, 5), ("eval", "train")),
        ((few, 2, 2), (3, 1, 1), ("eval", "train")),
        ((few, 2, 2), (1, 1, 1), ("eval",)),  # one value per channel has no variance to train with
        ((1, 3, 2), (2, 1, 5), ("eval", "train")),
        ((2, 1, 7), (2, 3, 2), ("eval",)),
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

ALL_WAYS = "A map is seen by every later layer and by the output: gradients come back by all of these ways."
test_gradients_in_training = blocks.gradients(
    "train", points=1.5, again=0.5, of=["three layers", "growth rate = channels"], hint=ALL_WAYS
)
test_gradients_in_evaluation = blocks.gradients(
    "eval", points=1.5, again=0.25, of=["three layers", "growth rate 1"], frozen=True, hint=ALL_WAYS
)
test_statistics = blocks.statistics(
    points=1.5,
    again=0.5,
    of=["three layers", "growth rate = channels"],
    hint="Each layer normalises once per forward, what it sees, with PyTorch's defaults.",
)
test_input_untouched = blocks.inputs_untouched(
    points=1.5, of=["three layers"], hint="The ReLU changes what a layer sees, not the maps themselves."
)
test_blocks_are_separate = blocks.separate(points=1.5, again=0.25, of=["three layers"])
