"""Hidden suite of `resnext_block`: a residual bottleneck with a grouped convolution, against the reference."""

from __future__ import annotations

import pytest
import torch

from autograder.suite import assert_repeatable, assert_same_outputs
from autograder.suite.modules import Case, ModuleChecks

GROUPS = (
    "conv2 alone works in groups: `cardinality` of them, with group_width channels each. No convolution has a "
    "bias. The shortcut has a convolution and a normalisation when stride or channels change, and nothing otherwise."
)
RELUS = "Each convolution has a normalisation of its own; a ReLU after the first, the second and the sum, nowhere else."
TRAINING = (
    "In training, a normalisation takes mean and variance of all that comes in, so it matters which layer has the "
    "stride; and nothing is drawn at random."
)
LITTLE = "You are off by little, everywhere. Which options of your normalisations are not PyTorch's defaults?"
BOTH_WAYS = "Two paths lead back to the input, the branch and the shortcut. Neither may be cut off."


def groups(rng):
    """Numbers of groups and channels that cannot be taken for one another, nor for the width."""
    cardinality, group_width = rng.choice([(3, 2), (2, 3), (4, 2), (2, 4)])
    return {"cardinality": cardinality, "group_width": group_width}


def identity(rng):
    channels = rng.choice([3, 5, 7])
    return {"in_channels": channels, "out_channels": channels, **groups(rng)}


def other_channels(rng):
    channels, others = rng.choice([(3, 5), (5, 3), (5, 7), (7, 5)])
    return {"in_channels": channels, "out_channels": others, **groups(rng)}


def strided(rng):
    return {**identity(rng), "stride": 2}


def both(rng):
    return {**other_channels(rng), "stride": rng.choice([2, 3])}


def one_group(rng):
    return {**identity(rng), "cardinality": 1, "group_width": rng.integer(2, 4)}


def groups_of_one(rng):
    return {**other_channels(rng), "cardinality": rng.integer(2, 4), "group_width": 1}


def images(rng, arguments):
    """(N, in_channels, H, W) with positive and negative values; H and W are odd and differ."""
    height, width = (2 * half + 1 for half in rng.distinct(2, 4, 2))
    return [rng.randn(rng.integer(2, 3), arguments["in_channels"], height, width)]


blocks = ModuleChecks(
    "ResNeXtBlock",
    {
        "identity": Case(identity, images),
        "other channels": Case(other_channels, images),
        "stride": Case(strided, images),
        "both": Case(both, images),
        "one group": Case(one_group, images),
        "groups of one": Case(groups_of_one, images),
    },
)
USUAL = ["identity", "other channels", "stride", "both"]

test_parameters = blocks.parameters(points=0.75, again=0.25, hint=GROUPS)


@pytest.mark.points(0.25)
def test_whole_numbers(student, reference, rng):
    """With kernels that pick one channel each, whole numbers and a positive input, the output is known."""
    for arguments, hint in (
        (
            one_group(rng),
            "Each kernel hands on one channel here, and nothing is negative: the branch and the shortcut, added up.",
        ),
        (
            identity(rng),
            "With one group the output was right. With more, the channels go into conv2 and come out as they stand, "
            "group by group: nothing changes their order.",
        ),
    ):
        mine, theirs = student.ResNeXtBlock(**arguments).float(), reference.ResNeXtBlock(**arguments).float()
        for block in (mine, theirs):
            pick_channels(block)
        x = rng.integers(1, 9, (2, arguments["in_channels"], 3, 4)).float()
        assert_same_outputs(mine, theirs, [x], hint=hint)


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
def test_branch_alone(student, reference, rng):
    """Where the image is zero, the branch gives the output: what comes behind bn3, bn2 and bn1, in this order."""
    mine, theirs, (x,) = blocks.twins(student, reference, rng, "identity")
    x, weights = torch.zeros_like(x), theirs.state_dict()
    for (name, hint), large in zip(BEHIND.items(), (1000, 10, 0), strict=True):
        bias = weights[f"{name}.bias"].abs() + 0.1
        silent = {f"{name}.weight": 0 * bias, f"{name}.bias": bias * (-1) ** torch.arange(len(bias))}
        for block in (mine, theirs):
            block.load_state_dict({**weights, **silent})
        assert_same_outputs(mine, theirs, [x], hint=LITTLE if off_by_little(mine, theirs, x) else hint)
        # From here on, the ReLU behind it hands on all that comes.
        weights[f"{name}.bias"] = bias + large
    for block in (mine, theirs):
        block.load_state_dict(weights)
    hint = "What comes behind bn1 is right. It normalises what conv1 gives."
    assert_same_outputs(mine, theirs, [x], hint=hint)


def off_by_little(mine, theirs, x):
    out, expected = mine.eval()(x), theirs.eval()(x)
    fits = isinstance(out, torch.Tensor) and (out.shape, out.dtype) == (expected.shape, expected.dtype)
    return fits and float((out - expected).detach().abs().max()) < 0.01


BEHIND = {
    "bn3": "bn3 has weight 0 here and gives its bias, whatever comes in. The shortcut is 0, and a ReLU comes last.",
    "bn2": "bn2 has weight 0 here and gives its bias, whatever comes in. Behind it come a ReLU, then conv3, then bn3.",
    "bn1": "bn1 has weight 0 here and gives its bias, whatever comes in. Behind it come a ReLU, then conv2, then bn2.",
}


test_groups_of_special_sizes = blocks.outputs(
    "eval",
    "Outputs where grouping is no question: one group, and groups of one channel",
    points=0.25,
    again=0.1,
    of=["one group", "groups of one"],
    one_by_one=True,
    hint=RELUS,
)
test_outputs_evaluating = blocks.outputs(
    "eval",
    points=1,
    again=0.25,
    of=USUAL,
    one_by_one=True,
    hint="The grouped convolution takes the stride, and the shortcut's, where it has one.",
)


@pytest.mark.form
@pytest.mark.points(0.25)
def test_nothing_at_random(student, reference, rng):
    """Two calls with the same image in training mode give the same."""
    mine, _, (x,) = blocks.twins(student, reference, rng, "identity")
    assert_repeatable(mine, [x], "train", hint="Nothing is drawn at random in this block: no dropout, no noise.")


test_outputs_training = blocks.outputs("train", points=0.25, again=0.25, of=["identity", "stride"], hint=TRAINING)


def special(rng):
    """Arguments, images and modes."""
    few = rng.integer(3, 5)
    for arguments, shape, modes in (
        ((few, few), (1, 2, 3), ("eval",)),  # 32 groups of 4 channels
        ((few, 2 * few, 2, 3, 2), (2, 4, 6), ("eval", "train")),
        ((1, 1, 2, 2), (2, 4, 5), ("eval", "train")),
        ((few, 1, 3, 1, 2), (3, 4, 6), ("eval", "train")),
        ((2, 2, 2, 1, 3), (2, 7, 4), ("eval", "train")),
        ((few, few, 3, 2), (1, 4, 4), ("eval", "train")),
        ((few, few, 3, 2), (3, 1, 1), ("eval", "train")),
        ((few, few, 2, 3), (1, 1, 1), ("eval",)),  # one value per channel has no variance to train with
        ((2, 2, 2, 1), (1, 67, 70), ("eval",)),
    ):
        yield arguments, rng.randn(shape[0], arguments[0], *shape[1:]), modes


test_sizes_of_one_and_many = blocks.sizes(
    special,
    "One image, one channel, one pixel, the defaults, and large sizes: nothing is a special case",
    points=1,
    again=0.25,
    hint=GROUPS,
)


test_layouts = blocks.layouts(points=1, again=0.25, of=["both"])
test_input_untouched = blocks.inputs_untouched(
    points=1, of=["identity", "both"], hint="`identity = x` makes no copy: an in-place operation on it changes x."
)
test_gradients = blocks.gradients("both", points=1.5, again=0.25, of=["identity", "both"], frozen=True, hint=BOTH_WAYS)
test_statistics = blocks.statistics(
    points=1,
    again=0.25,
    of=["identity", "other channels"],
    hint="Each batch normalisation runs once per forward, with PyTorch's defaults.",
)
test_blocks_are_separate = blocks.separate(points=1, again=0.25, of=["both"])
