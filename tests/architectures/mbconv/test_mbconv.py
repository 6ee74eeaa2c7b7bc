"""Hidden suite of `mbconv`: EfficientNet's block against the reference, and the functions that scale a network."""

from __future__ import annotations

import pytest
import torch

from autograder.suite import assert_close, assert_equal, assert_same_outputs, check
from autograder.suite.modules import Case, ModuleChecks

NAMES = (
    "hidden = in_channels * expand_ratio; each depthwise kernel sees one channel. With expand_ratio 1 there is no "
    "`expand` and no `expand_bn`. The gates squeeze to max(1, int(in_channels * se_ratio)); their "
    "layers alone have a bias."
)
SIZES = (
    "`depthwise` has the stride, and padding kernel_size // 2. With expand_ratio 1, `depthwise` gets x itself. And x "
    "is added only where the stride is 1 and the channels agree."
)
TRAINING = (
    "In training, a normalisation takes mean and variance of all that comes in, so it matters which layer has the "
    "stride; and nothing is drawn at random."
)
ALL_WAYS = "Ways back are the branch, the gates, and a shortcut that is there. None may be cut off, evaluating neither."


def identity(rng):
    channels = rng.choice([6, 7])
    return {"in_channels": channels, "out_channels": channels, "expand_ratio": 2}


def other_channels(rng):
    channels, others = rng.choice([(6, 4), (7, 5), (5, 7)])
    return {"in_channels": channels, "out_channels": others, "expand_ratio": rng.integer(2, 3), "se_ratio": 0.5}


def strided(rng):
    return {**identity(rng), "stride": 2}


def both(rng):
    return {**other_channels(rng), "stride": 2, "kernel_size": 5}


def no_expansion(rng):
    return {**identity(rng), "expand_ratio": 1, "kernel_size": 5}


def no_expansion_strided(rng):
    return {**other_channels(rng), "expand_ratio": 1, "stride": rng.choice([2, 3])}


def defaults(rng):
    return {"in_channels": rng.integer(8, 11), "out_channels": 3}


def images(rng, arguments):
    """(N, in_channels, H, W) with positive and negative values; H and W are odd and differ."""
    height, width = (2 * half + 1 for half in rng.distinct(2, 4, 2))
    return [rng.randn(rng.integer(2, 3), arguments["in_channels"], height, width)]


blocks = ModuleChecks(
    "MBConv",
    {
        "identity": Case(identity, images),
        "other channels": Case(other_channels, images),
        "stride": Case(strided, images),
        "both, 5x5": Case(both, images),
        "ratio 1, 5x5": Case(no_expansion, images),
        "ratio 1, stride": Case(no_expansion_strided, images),
        "defaults": Case(defaults, images),
    },
)
USUAL = [case for case in blocks.cases if case != "defaults"]

test_parameters = blocks.parameters(points=1, again=0.5, hint=NAMES)


@pytest.mark.points(0.25)
def test_open_gates(student, reference, rng):
    """With gates that are 1 and kernels that pick one channel each, the output is known."""
    mine, theirs, x = with_open_gates(student, reference, rng)
    hint = "Each kernel hands on one channel here, gates are sigmoids of large numbers, so 1. SiLU comes twice, x last."
    assert_same_outputs(mine, theirs, [x], hint=hint)
    for block in (mine, theirs):
        pick_channels(block, variance=0.0)
    hint = "running_var is 0 here, so each normalisation divides by the root of its eps alone: that of PyTorch, 1e-5."
    assert_same_outputs(mine, theirs, [x], hint=hint)


@pytest.mark.points(0.25)
def test_large_numbers(student, reference, rng):
    """Open gates again, and numbers that are so large that SiLU hands them on as they are."""
    mine, theirs, x = with_open_gates(student, reference, rng)
    for block in (mine, theirs):
        block.float()  # whole numbers are exact there, and in code that knows no other dtype
    hint = "Each kernel hands on one channel here, of numbers above 50, and all gates are 1."
    assert_same_outputs(mine, theirs, [50 + x.float()], hint=hint)


@pytest.mark.points(0.25)
def test_constant_gates(student, reference, rng):
    """Where `se_expand` gives its bias only, all gates are 0.659: what comes behind each normalisation."""
    mine, theirs, (x,) = blocks.twins(student, reference, rng, "other channels")
    weights = theirs.state_dict()
    weights["se_expand.weight"].zero_()
    weights["se_expand.bias"].fill_(0.6590460684074067)  # the sigmoid of itself
    for name, hint in BEHIND.items():
        assert_same_with({**weights, f"{name}.weight": 0 * weights[f"{name}.weight"]}, mine, theirs, x, hint)
    hint = "What comes behind `expand_bn` is right. It normalises what `expand` gives, and `expand` gets x."
    assert_same_with(weights, mine, theirs, x, hint)


BEHIND = {
    "project_bn": "`project_bn` has weight 0 here and gives its bias, whatever comes in. No activation and no gate "
    "comes behind it.",
    "depthwise_bn": "`depthwise_bn` has weight 0 here and gives its bias, whatever comes in. Behind it come SiLU, then "
    "the gates, once, then `project` and its normalisation.",
    "expand_bn": "`expand_bn` has weight 0 here and gives its bias, whatever comes in. Behind it come SiLU, then "
    "`depthwise`, then its normalisation.",
}


def assert_same_with(weights, mine, theirs, x, hint):
    """The same outputs with these weights."""
    for block in (mine, theirs):
        block.load_state_dict(weights)
    assert_same_outputs(mine, theirs, [x], hint=hint)


@pytest.mark.points(0.25)
def test_gates(student, reference, rng):
    """The gates: of images of one pixel, where any squeeze gives the same, then of larger ones."""
    mine, theirs, (x,) = blocks.twins(student, reference, rng, "other channels")
    hint = (
        "One pixel is its own mean, so the squeeze does not show. What is left: `se_reduce` of what the depthwise part "
        "gives, SiLU, `se_expand`, sigmoid."
    )
    both, one = (mine.eval()(pixels) for pixels in (x[:, :, :1, :1], x[:1, :, :1, :1]))
    if isinstance(both, torch.Tensor) and both[:1].shape == one.shape and not torch.allclose(both[:1], one):
        hint = "What comes of an image depends on the others of its batch. A mean over positions is one for each image."
    assert_same_outputs(mine, theirs, [x[:, :, :1, :1]], hint=hint)
    hint = "For images of one pixel the gates were right. The squeeze is the mean of each channel over all positions."
    assert_same_outputs(mine, theirs, [x], hint=hint)


def with_open_gates(student, reference, rng):
    """Both blocks, their gates open and each kernel handing on one channel, and an image of small whole numbers."""
    arguments = identity(rng)
    mine, theirs = student.MBConv(**arguments).double(), reference.MBConv(**arguments).double()
    for block in (mine, theirs):
        pick_channels(block)
    return mine, theirs, rng.integers(1, 5, (2, arguments["in_channels"], 3, 4)).double()


def pick_channels(block, variance=1e10):
    """Each kernel of the branch hands on one of its channels, normalisations change nothing, and the gates are open.
    Beside the usual variance no eps is seen; without any, eps is all there is.
    """
    values = block.state_dict()
    for name, value in values.items():
        of_branch = name.startswith(("expand", "depthwise", "project"))
        if value.dim() >= 2:
            kernels = value.zero_().view(value.shape[0], value.shape[1], -1)
            for row in range(value.shape[0] if of_branch else 0):
                kernels[row, row % value.shape[1], kernels.shape[2] // 2] = 1.0
        elif name.endswith("running_var"):
            value.fill_(variance)
        elif name.endswith("weight"):
            value.fill_((variance or 1e-5) ** 0.5)
        else:
            value.fill_(0.0 if of_branch else 50.0)
    block.load_state_dict(values)


@pytest.mark.points(0.25)
@pytest.mark.form
def test_statistics_before_the_gates(student, reference, rng):
    """Running statistics of the normalisations before the gates, after a training batch."""
    mine, theirs, (x,) = blocks.twins(student, reference, rng, "identity")
    for block in (mine, theirs):
        block.train()(x)
    own, expected = mine.buffers_by_name(), theirs.buffers_by_name()
    for name in ("expand_bn.running_mean", "expand_bn.running_var", "depthwise_bn.running_mean"):
        check(name in own, f"{mine.asked}: there is no buffer `{name}`.")
        hint = (
            "What is normalised first comes from `expand`; what is normalised next from SiLU and `depthwise`, in this "
            "order. The gates come after both, and normalisations have PyTorch's defaults."
        )
        assert_close(own[name], expected[name], f"the running statistic `{name}`", asked=f"{mine.asked}: ", hint=hint)


test_outputs_evaluating = blocks.outputs("eval", points=0.5, again=0.25, of=USUAL, one_by_one=True, hint=SIZES)
test_outputs_training = blocks.outputs(
    "train", points=0.25, of=["identity", "other channels", "stride", "ratio 1, 5x5"], hint=TRAINING
)


def large_numbers(student, reference, rng):
    mine, theirs, (x,) = blocks.twins(student, reference, rng, "other channels")
    hint = "Pixels are in the millions here, where sigmoid is 0 or 1. Does a formula of your own overflow on the way?"
    assert_same_outputs(mine, theirs, [1e6 * x], hint=hint)


def special(rng):
    """Arguments, images and modes."""
    few = rng.integer(3, 4)
    for arguments, shape, modes in (
        ((few, 2 * few, 3, 1, 2), (2, 3, 4), ("eval",)),
        ((few, few), (2, 3, 4), ("eval",)),  # an expansion by 6, and int(few / 4) is 0 or 1
        ((few, 2 * few, 7, 2, 2, 0.9), (2, 4, 7), ("eval",)),
        ((few, few, 1, 1, 2, 1.0), (2, 3, 4), ("eval",)),
        ((1, 1, 3, 1, 1), (2, 4, 5), ("eval", "train")),
        ((few, 1, 3, 2, 2), (3, 4, 6), ("eval", "train")),
        ((2, 2, 5, 3, 2, 0.5), (2, 7, 4), ("eval", "train")),
        ((few, few, 3, 2, 2), (3, 1, 1), ("eval", "train")),  # as large after the stride as before
        ((few, few, 3, 1, 2), (1, 4, 4), ("eval", "train")),
        ((few, few, 5, 1, 1), (3, 1, 1), ("eval", "train")),
        ((few, few, 3, 1, 2), (1, 1, 1), ("eval",)),  # one value per channel has no variance to train with
        ((1, 1, 3, 1, 2), (1, 67, 70), ("eval",)),
    ):
        yield arguments, rng.randn(shape[0], arguments[0], *shape[1:]), modes


test_sizes_of_one_and_many = blocks.sizes(
    special,
    "One image, one channel, one pixel, the defaults, kernels of 1 to 7, large sizes and numbers: no special case",
    points=1.5,
    again=0.75,
    hint=NAMES,
    also=large_numbers,
)


test_layouts = blocks.layouts(points=0.5, again=0.25, of=["both, 5x5"])
test_gradients = blocks.gradients(
    "both",
    points=1.5,
    again=0.5,
    of=["identity", "other channels", "both, 5x5", "ratio 1, 5x5"],
    frozen=True,
    hint=ALL_WAYS,
)
test_statistics = blocks.statistics(
    points=1.5,
    again=0.25,
    of=["identity", "ratio 1, stride"],
    hint="Each batch normalisation runs once per forward, with PyTorch's defaults.",
)
test_input_untouched = blocks.inputs_untouched(
    points=0.75,
    of=["identity", "ratio 1, 5x5"],
    hint="`out = x` makes no copy: what is done to it in place, changes x.",
)
test_blocks_are_separate = blocks.separate(points=1.5, again=0.25, of=["identity"])


@pytest.mark.points(1.5)
def test_compound_scaling(student, reference, rng):
    """Factors of depth, width and resolution, in this order: by default, with other bases, for 0, halves, negative."""
    own = {"alpha": rng.uniform(1.1, 1.9), "beta": rng.uniform(1.1, 1.9), "gamma": rng.uniform(1.1, 1.9)}
    hint = "Depth grows by alpha, width by beta, resolution by gamma, and phi says how often."
    for phi, bases in ((1, {}), (0, {}), (2, {}), (rng.uniform(2.5, 6), {}), (0.5, own), (3, own), (-1.5, own)):
        actual = student.compound_scaling(phi, **bases)
        what = f"compound_scaling({phi:.4g}{''.join(f', {name}={value:.4g}' for name, value in bases.items())})"
        check(isinstance(actual, (tuple, list)), f"{what} is a {type(actual).__name__}, expected a tuple.", hint=hint)
        floats = [float(value) if isinstance(value, int) else value for value in actual]
        assert_equal(floats, list(reference.compound_scaling(phi, **bases)), what, hint=hint)
    by_place = student.compound_scaling(2, *own.values())
    what = f"compound_scaling(2, {', '.join(f'{value:.4g}' for value in own.values())})"
    assert_equal(list(by_place), list(reference.compound_scaling(2, *own.values())), what, hint=hint)


@pytest.mark.points(1.5)
def test_scaled_channels(student, reference, rng):
    """Nearest multiples: halves go up, never less than the divisor, nor less than 90 % of what was asked."""
    drawn = [(rng.integer(1, 400), rng.uniform(0.3, 2.5)) for _ in range(12)]
    halves = [
        (8 * rng.integer(1, 30) + 4, 1.0),
        (8 * (2 * rng.integer(1, 20)) + 4, 1.0),
        (24, 1.5),
        (25, 0.5),
        (40, 1.1),
    ]
    small = [(1, 1.0), (3, 1.0), (3, 0.1), (11, 1.0), (9, 1.0)]
    below = [(18, 1.0), (19, 1.0), (27, 1.0), (35, 1.0), (34, 0.54)]
    whole = [(32, 1.0), (320, 1.0), (16, 2.0)]
    for channels, width in (*drawn, *halves, *small, *below, *whole):
        ask_channels(student, reference, channels, width)
    for channels, width, divisor in (
        (10, 1.0, 9),
        (99, 0.5, 9),
        (20, 1.0, 9),
        (37, 1.0, 4),
        (30, 1.5, 2),
        (30, 1.0, 16),
        (7, 1.0, 1),
        (5, 0.5, 1),
    ):
        ask_channels(student, reference, channels, width, divisor)


def ask_channels(student, reference, channels, width, *divisor):
    options = f", divisor={divisor[0]}" if divisor else ""
    what = f"scaled_channels({channels}, {width:.6g}{options}), where {channels * width:.6g} is wanted exactly,"
    hint = "The nearest multiple of the divisor; a number in the middle goes up; at least 0.9 * channels * width."
    expected = reference.scaled_channels(channels, width, *divisor)
    assert_equal(student.scaled_channels(channels, width, *divisor), expected, what, hint=hint)


@pytest.mark.points(1.5)
def test_scaled_repeats(student, reference, rng):
    """Rounded up, and left alone where the product is whole."""
    drawn = [(rng.integer(1, 9), rng.uniform(0.2, 3.5)) for _ in range(8)]
    for repeats, depth in (*drawn, (3, 1.0), (4, 1.5), (1, 0.1), (3, 1.1), (2, 1.2), (25, 2.2), (4, 0.25), (5, 2.0)):
        what = f"scaled_repeats({repeats}, {depth:.6g})"
        hint = "Rounded up: a block is repeated a whole number of times, and rather once too often."
        assert_equal(student.scaled_repeats(repeats, depth), reference.scaled_repeats(repeats, depth), what, hint=hint)
