"""Hidden suite of `inverted_residual`: MobileNetV2's block, against the reference.

Usual numbers never reach the ceiling of ReLU6, so two checks are made for it alone.
"""

from __future__ import annotations

import pytest
import torch

from autograder.suite import assert_same_outputs
from autograder.suite.modules import Case, ModuleChecks

NAMES = (
    "hidden = in_channels * expand_ratio, and each depthwise kernel sees one channel. No convolution has a bias; each "
    "has a normalisation. With expand_ratio 1 there is no `expand` and no `expand_bn`."
)
SHORTCUT = (
    "x is added where the stride is 1 and the channels agree, and nowhere else. ReLU6 follows the first two "
    "normalisations, and nothing the third."
)
ALONE = "Normalisations with PyTorch's defaults, ReLU6 after `depthwise` only, and x is added where channels agree."
BOTH_WAYS = "Where there is a shortcut, two paths lead back to the input. Neither may be cut off."
TRAINING = (
    "In training, a normalisation takes mean and variance of all that comes in, so it matters which layer has the "
    "stride; and nothing is drawn at random."
)
NOT_ADDED = "What comes out is the branch alone. x is added wherever the stride is 1 and the channels agree."
ONCE = (
    "Each normalisation counts a training forward once: is its `num_batches_tracked` 1 after it? If so, compare its "
    "options with PyTorch's defaults."
)
CEILING = "The numbers are large here, so ReLU6 reaches its ceiling of 6."


def identity(rng):
    channels = rng.integer(3, 5)
    return {"in_channels": channels, "out_channels": channels, "expand_ratio": rng.integer(2, 3)}


def other_channels(rng):
    channels, others = rng.choice([(3, 5), (5, 3), (4, 7), (5, 4)])
    return {"in_channels": channels, "out_channels": others, "expand_ratio": rng.integer(2, 3)}


def strided(rng):
    return {**identity(rng), "stride": 2}


def both(rng):
    return {**other_channels(rng), "stride": rng.choice([2, 3])}


def no_expansion(rng):
    return {**identity(rng), "expand_ratio": 1}


def no_expansion_strided(rng):
    return {**both(rng), "expand_ratio": 1}


def one_channel(rng):
    return {"in_channels": 1, "out_channels": rng.integer(2, 4), "expand_ratio": 1}


def images(rng, arguments):
    """(N, in_channels, H, W) with positive and negative values; H and W are odd and differ."""
    height, width = (2 * half + 1 for half in rng.distinct(2, 4, 2))
    return [rng.randn(rng.integer(2, 3), arguments["in_channels"], height, width)]


def large_numbers(rng, arguments):
    return [30 * images(rng, arguments)[0]]


blocks = ModuleChecks(
    "InvertedResidual",
    {
        "identity": Case(identity, images),
        "other channels": Case(other_channels, images),
        "stride": Case(strided, images),
        "both": Case(both, images),
        "ratio 1": Case(no_expansion, images),
        "ratio 1, stride": Case(no_expansion_strided, images),
        "one channel": Case(one_channel, images),
        "large numbers": Case(other_channels, large_numbers),
        "large numbers, ratio 1": Case(no_expansion, large_numbers),
    },
)
USUAL = ["identity", "other channels", "stride", "both", "ratio 1", "ratio 1, stride"]
LARGE = ["large numbers", "large numbers, ratio 1"]

test_parameters = blocks.parameters(points=1, again=0.5, of=USUAL, hint=NAMES)


@pytest.mark.points(0.25)
def test_whole_numbers(student, reference, rng):
    """With kernels that pick one channel each and small whole numbers, the output is known."""
    arguments = identity(rng)
    mine, theirs = student.InvertedResidual(**arguments).float(), reference.InvertedResidual(**arguments).float()
    for block in (mine, theirs):
        pick_channels(block)
    x = rng.integers(1, 5, (2, arguments["in_channels"], 3, 4)).float()
    hint = "Each kernel hands on one channel here, and no ReLU6 shows. What is added up, and under which conditions?"
    out, expected = mine.eval()(x), theirs.eval()(x)
    if isinstance(out, torch.Tensor) and out.shape == expected.shape:
        if torch.allclose(out.float() + x, expected):
            hint = NOT_ADDED
        elif out.max() <= 6 < expected.max():
            hint = "None of your numbers is above 6, and sums are. What is done to the sum?"
    assert_same_outputs(mine, theirs, [x], hint=hint)


@pytest.mark.points(0.25)
def test_signs(student, reference, rng):
    """Numbers of one sign, which each layer keeps or turns: where an activation stands, and where none does."""
    arguments = identity(rng)
    mine, theirs = student.InvertedResidual(**arguments).float(), reference.InvertedResidual(**arguments).float()
    x = rng.integers(1, 3, (2, arguments["in_channels"], 3, 4)).float()
    for image, depthwise, project, hint in (
        (-x, 1.0, 1.0, "x is negative, so the branch is 0 here, and x comes out as it is. Nothing is done to the sum."),
        (
            -x,
            -1.0,
            1.0,
            "What `expand_bn` gives is negative here. What does ReLU6 leave of it, before `depthwise` turns the sign?",
        ),
        (
            x,
            -1.0,
            1.0,
            "What `depthwise_bn` gives is negative here. What does ReLU6 leave of it?",
        ),
        (x, 1.0, -1.0, "What `project_bn` gives is negative here, and is added as it is. What do you do to it?"),
        (x + 6, 1.0, 1.0, "All numbers are above 6 here. What do the two activations of the branch make of them?"),
    ):
        for block in (mine, theirs):
            pick_channels(block)
            values = block.state_dict()
            for name, sign in (("depthwise", depthwise), ("project", project)):
                values[f"{name}.weight"] *= sign
            block.load_state_dict(values)
        assert_same_outputs(mine, theirs, [image], hint=hint)


def pick_channels(block):
    """Each kernel of any convolution hands on one of its channels, and normalisations change nothing."""
    values = block.state_dict()
    for name, value in values.items():
        if value.dim() >= 2:
            kernels = value.zero_().view(value.shape[0], value.shape[1], -1)
            for row in range(value.shape[0]):
                kernels[row, row % value.shape[1], kernels.shape[2] // 2] = 1.0
        elif name.endswith("running_var"):
            value.fill_(1e10)  # no eps is seen beside it
        else:
            value.fill_(1e5 if name.endswith("weight") else 0.0)
    block.load_state_dict(values)


@pytest.mark.points(0.25)
def test_silent_branch(student, reference, rng):
    """Where what is filtered is far below 0, activations leave nothing of it: `project_bn` alone, and the shortcut."""
    for case in ("identity", "other channels"):
        mine, theirs, (x,) = blocks.twins(student, reference, rng, case)
        weights = theirs.state_dict()
        weights["depthwise_bn.weight"].zero_()
        weights["depthwise_bn.bias"].fill_(-1e3)
        for block in (mine, theirs):
            block.load_state_dict(weights)
        hint = "Numbers of -1000 go into the second ReLU6, and 0 into `project`. What do its normalisation and x give?"
        assert_same_outputs(mine, theirs, [x], hint=hint)


@pytest.mark.points(0.25)
def test_small_numbers(student, reference, rng):
    """Where the branch is between 2 and 4 and the image between 0 and 1, no activation at the end shows."""
    mine, theirs, (x,) = blocks.twins(student, reference, rng, "identity")
    x = rng.rand(*x.shape)
    weights = theirs.state_dict()
    weights["project_bn.bias"].zero_()
    weights["project_bn.running_mean"].zero_()
    theirs.load_state_dict(weights)
    branch = (theirs.eval()(x) - x).detach()
    weights["project_bn.weight"].div_(branch.abs().max())
    weights["project_bn.bias"].fill_(3.0)
    for block in (mine, theirs):
        block.load_state_dict(weights)
    assert_same_outputs(mine, theirs, [x], hint=about_normalisations(mine, theirs, x))


def about_normalisations(mine, theirs, x):
    """A hint: a normalisation whose bias does not show, or all of them a little off."""
    out, expected, weights = mine.eval()(x), theirs.eval()(x), theirs.state_dict()
    for name in [name for name in weights if name.endswith("_bn.bias")]:
        mine.load_state_dict({**weights, name: weights[name] + 1.5})
        other = mine.eval()(x)
        mine.load_state_dict(weights)
        if torch.equal(other, out):
            return f"Another `{name}` changes nothing in the output. Each of the three normalisations is called, once."
    if out.shape == expected.shape and (out - expected).abs().max() < 0.01:
        return "You are off by little, everywhere. Which options of your normalisations are not PyTorch's defaults?"
    return "The activations are right where numbers have one sign. Which normalisation follows which convolution?"


test_one_channel = blocks.outputs(
    "eval",
    "Outputs with one channel and no expansion, where grouping is no question",
    points=0.25,
    of=["one channel"],
    hint=ALONE,
)


@pytest.mark.points(1, again=0.25)
@pytest.mark.parametrize("case", USUAL)
def test_outputs_evaluating(student, reference, rng, case):
    """Outputs in evaluation mode."""
    mine, theirs, (x,) = blocks.twins(student, reference, rng, case)
    assert_same_outputs(mine, theirs, [x], hint=about_output(mine, theirs, x))


def about_output(mine, theirs, x):
    """A hint: whether x is added, and what the depthwise convolution moves over."""
    out, expected, weights = mine.eval()(x), theirs.eval()(x), theirs.state_dict()
    if out.shape != expected.shape or torch.allclose(out, expected):
        return SHORTCUT
    if expected.shape == x.shape and torch.allclose(out + x, expected):
        return NOT_ADDED
    middle = weights["depthwise.weight"].clone()
    middle.view(-1, 9)[:, [0, 1, 2, 3, 5, 6, 7, 8]] = 0.0
    agreed = []
    for kernels in (0.01 * weights["depthwise.weight"], middle):
        for block in (mine, theirs):
            block.load_state_dict({**weights, "depthwise.weight": kernels})
        agreed.append(torch.allclose(mine.eval()(x), theirs.eval()(x)))
    for block in (mine, theirs):
        block.load_state_dict(weights)
    if agreed[0]:
        return "With depthwise kernels a hundredth as large you are right. What does ReLU6 make of numbers above 6?"
    if agreed[1]:
        return (
            "With depthwise kernels that are 0 around the middle you are right, so `depthwise` does not see the right "
            "neighbours. Which layer has the stride?"
        )
    if "expand.weight" not in weights:
        return "With expand_ratio 1 the block begins with `depthwise`, which is given x as it is. " + SHORTCUT
    return SHORTCUT


test_outputs_training = blocks.outputs("train", points=0.25, of=["identity", "stride", "ratio 1"], hint=TRAINING)
test_ceiling = blocks.outputs(
    "eval", "Outputs where the numbers are large", points=0.75, again=0.25, of=LARGE, hint=CEILING
)


def special(rng):
    """Arguments, images and modes."""
    few = rng.integer(3, 4)
    for arguments, shape, modes in (
        ((few, 2 * few, 1, 2), (2, 3, 4), ("eval",)),
        ((few, few), (2, 3, 4), ("eval",)),  # an expansion by 6
        ((1, 1, 1, 1), (2, 4, 5), ("eval", "train")),
        ((few, 1, 2, 2), (3, 4, 6), ("eval", "train")),
        ((2, 2, 3, 2), (2, 7, 4), ("eval", "train")),
        ((few, few, 2, 2), (3, 1, 1), ("eval", "train")),  # as large after the stride as before
        ((few, few, 1, 2), (1, 4, 4), ("eval", "train")),
        ((few, few, 1, 1), (3, 1, 1), ("eval", "train")),
        ((few, few, 1, 2), (1, 1, 1), ("eval",)),  # one value per channel has no variance to train with
        ((1, 1, 1, 2), (1, 67, 70), ("eval",)),
    ):
        yield arguments, rng.randn(shape[0], arguments[0], *shape[1:]), modes


test_sizes_of_one_and_many = blocks.sizes(
    special,
    "One image, one channel, one pixel, the defaults, and large sizes: nothing is a special case",
    points=1.5,
    again=0.75,
    hint=NAMES,
)


test_layouts = blocks.layouts(points=1.5, again=0.25, of=["identity"])
test_input_untouched = blocks.inputs_untouched(
    points=1.5,
    of=["identity", "ratio 1"],
    hint="`out = x` makes no copy: what is done to it in place, changes x.",
)
test_statistics = blocks.statistics(
    points=1.5,
    again=0.25,
    of=["identity", "ratio 1, stride"],
    hint=ONCE,
)
test_gradients = blocks.gradients(
    "both", points=2, again=0.25, of=["identity", "stride", "both", "ratio 1"], frozen=True, hint=BOTH_WAYS
)
test_gradients_at_the_ceiling = blocks.gradients(
    "eval", "Gradients where the numbers are large", points=0.75, again=0.25, of=LARGE, hint=CEILING
)
test_blocks_are_separate = blocks.separate(points=1.5, again=0.25, of=["identity"])
