"""Hidden suite of `residual_block`: the basic block of ResNet, version 1, against the reference.

Besides whole blocks, some tests silence one part and look at another alone. Where the sum is kept positive, a slip in
the final ReLU costs what the final ReLU is worth, and not the marks for the two paths.
"""

from __future__ import annotations

import pytest
import torch

from autograder.suite import (
    Case,
    ModuleChecks,
    assert_close,
    assert_same_buffers,
    assert_same_gradients,
    assert_same_outputs,
)

FAR_ABOVE_ZERO = 50.0
"""Far more than a branch of random weights and statistics can take away."""


def same(rng):
    """As many channels out as in."""
    channels = rng.integer(3, 8)
    return {"in_channels": channels, "out_channels": channels}


def more(rng):
    """More channels out than in."""
    return dict(zip(("in_channels", "out_channels"), sorted(rng.distinct(3, 8, 2)), strict=True))


def fewer(rng):
    """Fewer channels out than in."""
    return dict(zip(("out_channels", "in_channels"), sorted(rng.distinct(3, 8, 2)), strict=True))


def images(rng, arguments):
    """(N, in_channels, H, W) with positive and negative values; H and W are odd and differ."""
    height, width = (2 * half + 1 for half in rng.distinct(2, 4, 2))
    return rng.randn(rng.integer(2, 3), arguments["in_channels"], height, width)


# Each way to need a projection comes alone, too: half a condition passes for the other.
blocks = ModuleChecks(
    "ResidualBlock",
    {
        "identity": Case(same, images),
        "more channels": Case(more, images),
        "fewer channels": Case(fewer, images),
        "stride": Case(lambda rng: {**same(rng), "stride": 2}, images),
        "both": Case(lambda rng: {**rng.choice([more, fewer])(rng), "stride": rng.choice([2, 3])}, images),
    },
)


def fill(mine, theirs, constants):
    """Fill each named parameter with one number, in both blocks."""
    weights = theirs.state_dict()
    for name, constant in constants.items():
        weights[name].fill_(constant)
    theirs.load_state_dict(weights)
    mine.load_state_dict(weights)


test_parameters = blocks.parameters(
    "Names and shapes of parameters and running statistics",
    points=1,
    again=0.5,
    of=["identity", "more channels", "fewer channels", "stride"],
    hint="Names are in the stub; no convolution has a bias. The shortcut has layers when stride or channels change.",
)


@pytest.mark.form
@pytest.mark.points(0.25)
def test_identity_alone(student, reference, rng):
    """Where the branch is zero, the identity passes a positive input and its gradient on unchanged."""
    mine, theirs, (x,) = blocks.twins(student, reference, rng, "identity")
    fill(mine, theirs, {"bn2.weight": 0.0, "bn2.bias": 0.0})
    positive = x.abs() + 0.1
    out = mine.eval()(positive.clone())
    hint = "bn2 ends the branch and has weight and bias 0 here: x as it is, and the last ReLU, are left."
    if isinstance(out, torch.Tensor) and not out.any():
        hint = (
            "Your output is 0 everywhere, and only the branch should be: x is lost. Is there a sum of branch and "
            "shortcut, and no product?"
        )
    assert_same_outputs(mine, theirs, [positive], mode="eval", hint=hint)
    cut = "The branch is 0 here, so all of the gradient comes through the shortcut. Does x stay in the graph there?"
    assert_same_gradients(mine, theirs, [positive], mode="eval", of=("inputs",), hint=cut)


@pytest.mark.points(0.25)
@pytest.mark.parametrize("kind", ["both positive", "the branch negative", "the sum negative"])
def test_constant_paths(student, reference, rng, kind):
    """Where shortcut and branch are one number each, the output is the sum, or 0 if that is negative."""
    mine, theirs, (x,) = blocks.twins(student, reference, rng, "identity")
    shortcut, branch, asks = {
        "both positive": (5.0, 1.25, "Is that the sum, a difference, or one of the two alone?"),
        "the branch negative": (5.0, -1.25, "The sum is still positive. Is the branch made 0 before it is added?"),
        "the sum negative": (5.0, -8.0, "The sum is negative. What makes it 0?"),
    }[kind]
    fill(mine, theirs, {"bn2.weight": 0.0, "bn2.bias": branch})
    given = torch.full_like(x, shortcut)
    if kind == "the sum negative":
        given[1:] = 11.0  # zeros alone would not show that anything was computed
    hint = f"x is {shortcut:g} in the first image, and bn2 gives {branch:g}: print your output there. {asks}"
    assert_same_outputs(mine, theirs, [given], mode="eval", hint=hint)


@pytest.mark.points(0.25)
@pytest.mark.parametrize("kind", ["fewer channels", "stride"])
def test_projection_alone(student, reference, rng, kind):
    """Where the branch is zero, the projection gives the output and the gradient."""
    mine, theirs, (x,) = blocks.twins(student, reference, rng, kind)
    fill(mine, theirs, {"bn2.weight": 0.0, "bn2.bias": 0.0, "shortcut.1.bias": FAR_ABOVE_ZERO})
    given = x.clone()
    mine.eval()(given)
    hint = "bn2 has weight and bias 0 here, so nothing but the shortcut is left, and it is a projection."
    if not torch.equal(given, x):
        hint = "The shortcut does not see the x that came in: an operation before it has written into x, in place."
    assert_same_outputs(mine, theirs, [x], mode="eval", hint=hint)
    cut = "The branch is 0 here, so all of the gradient comes through the projection. Does it stay in the graph?"
    assert_same_gradients(mine, theirs, [x], mode="eval", of=("inputs",), hint=cut)


@pytest.mark.points(0.25)
def test_whole_numbers(student, rng):
    """With layers that multiply by one whole number each, and a whole positive input, the output is known."""
    channels, factor = rng.integer(3, 6), rng.integer(2, 4)
    mine = student.ResidualBlock(channels, channels).float()
    values = mine.state_dict()
    for name, value in values.items():
        if name.endswith("running_var"):
            value.fill_(1 - 1e-5)
        elif value.dim() == 4:
            value.zero_()
            middle = value[:, :, value.shape[2] // 2, value.shape[3] // 2]
            middle.copy_(factor * torch.eye(*middle.shape))
        else:
            value.fill_(float(name.endswith("weight")))
    mine.load_state_dict(values)
    x = rng.integers(1, 9, (2, channels, 3, 4)).float()
    out = mine.eval()(x)
    asked = f"{mine.asked}, each convolution multiplying by {factor}, the rest changing nothing, x positive: "
    hint = "Nothing is negative here, so a ReLU changes nothing, however large the numbers are."
    assert_close(out, (factor**2 + 1) * x, "the output", asked=asked, hint=hint)


@pytest.mark.points(0.1)
@pytest.mark.parametrize("layer", ["conv1", "bn1", "conv2"])
def test_one_place_negative(student, reference, rng, layer):
    """One layer of the branch gives negative numbers: 0 after a ReLU, and only there."""
    mine, theirs, (x,) = blocks.twins(student, reference, rng, "stride")
    weights = theirs.state_dict()
    for name in {"conv2", "bn2"} - {layer}:
        weights[f"{name}.weight"].abs_()
    # Each normalisation behind the layer lifts everything above zero again.
    for norm in {"conv1": ["bn1", "bn2"], "bn1": ["bn2"], "conv2": ["bn1", "bn2"]}[layer]:
        weights[f"{norm}.bias"].fill_(FAR_ABOVE_ZERO ** (2 if norm == "bn2" else 1))
    weights["shortcut.1.weight"].zero_()
    weights["shortcut.1.bias"].fill_(FAR_ABOVE_ZERO)
    theirs.load_state_dict(weights)
    mine.load_state_dict(weights)
    hint = f"Only {layer} gives negative numbers here, and a normalisation comes next. Does it get them as they are?"
    if layer == "bn1":
        hint = "bn1 gives negative numbers here. Is each of them exactly 0, and nothing else changed, before conv2?"
    assert_same_outputs(mine, theirs, [x], mode="eval", hint=hint)


@pytest.mark.points(0.15)
def test_branch_alone(student, reference, rng):
    """Where the shortcut is constant, the branch gives the output."""
    mine, theirs, (x,) = blocks.twins(student, reference, rng, "stride")
    fill(mine, theirs, {"shortcut.1.weight": 0.0, "shortcut.1.bias": FAR_ABOVE_ZERO})
    hint = "The shortcut is a large constant here, so the branch differs: its layers, their order, or a ReLU."
    assert_same_outputs(mine, theirs, [x], mode="eval", hint=hint)


@pytest.mark.points(0.25)
def test_branch_beside_nothing(student, reference, rng):
    """Where the shortcut is zero, the output is the ReLU of the branch."""
    mine, theirs, (x,) = blocks.twins(student, reference, rng, "stride")
    fill(mine, theirs, {"shortcut.1.weight": 0.0, "shortcut.1.bias": 0.0})
    hint = "shortcut.1 has weight and bias 0 here, so the branch and the last ReLU are left."
    assert_same_outputs(mine, theirs, [x[:, :, :2, :2].contiguous()], mode="eval", hint=hint)


@pytest.mark.points(0.25)
def test_convolutions_alone(student, reference, rng):
    """With normalisations that change nothing, the two convolutions give the output."""
    mine, theirs, (x,) = blocks.twins(student, reference, rng, "identity")
    variance, mean = 1e10, rng.uniform(0.5, 1.5)
    for norm in ("bn1", "bn2"):
        fill(mine, theirs, {f"{norm}.running_var": variance, f"{norm}.running_mean": mean})
        fill(mine, theirs, {f"{norm}.weight": (variance + 1e-5) ** 0.5, f"{norm}.bias": mean})
    hint = "bn1 and bn2 change nothing here: the convolutions, the ReLUs and the shortcut are left."
    assert_same_outputs(mine, theirs, [x], mode="eval", hint=hint)


test_outputs_evaluating = blocks.outputs(
    "eval",
    "Outputs in evaluation mode, with running statistics that are not the default",
    points=0.5,
    again=0.25,
    of=["identity", "more channels", "both"],
    one_by_one=True,
)
test_outputs_training = blocks.outputs(
    "train",
    points=1,
    again=0.5,
    of=["identity", "stride"],
    one_by_one=True,
    hint="In training, every normalisation takes mean and variance from the batch.",
)


def special(rng):
    """Sizes at which a slip shows that no other size shows."""
    few = rng.integer(3, 5)
    both, evaluating = ("eval", "train"), ("eval",)
    for arguments, (count, height, width), modes in (
        ((2 * few, few), (2, 5, 4), both),
        ((2 * few, few, 2), (2, 4, 7), both),
        ((few, 2 * few), (2, 4, 5), both),
        ((few, 2 * few, 2), (2, 7, 5), both),
        ((1, 1), (2, 4, 5), both),
        ((1, few), (2, 5, 3), both),
        ((few, 1, 2), (3, 4, 6), both),
        ((2, 2, 5), (2, 7, 4), both),
        ((few, few + 1), (4, 1, 1), both),
        ((few, few, 2), (3, 1, 1), both),
        ((few, few + 1, 2), (1, 5, 6), both),
        ((few, few + 1, 2), (2, 2, 1), both),
        ((32, 64, 2), (1, 5, 4), evaluating),
        ((32, 32), (1, 3, 3), evaluating),
        ((2, 2), (1, 67, 70), both),
        ((few, few), (1, 4, 4), both),
        ((few, few), (17, 1, 1), both),
        ((few, few), (1, 1, 1), evaluating),  # one value per channel has no variance to train with
    ):
        yield arguments, rng.randn(count, arguments[0], height, width), modes
    yield (few, few), 100 * rng.randn(2, few, 4, 5), evaluating  # far beyond what a bounded activation lets through


test_sizes_of_one_and_many = blocks.sizes(
    special,
    "One image, one channel, one pixel, half or twice the channels, and large sizes: nothing is a special case",
    points=2,
    again=1,
)
test_layouts = blocks.layouts(points=2, again=0.5, of=["identity", "both"])


@pytest.mark.points(0.5, again=0.25)
def test_gradients_of_the_relus(student, reference, rng):
    """No gradient flows where a ReLU gives 0, and all of it where it does not."""
    mine, theirs, (x,) = blocks.twins(student, reference, rng, "identity")
    # First the sum is negative everywhere, then positive everywhere; in the branch it is half and half.
    for bias, hint in (
        (-FAR_ABOVE_ZERO, "The output is 0 everywhere here, where the slope of the last ReLU is 0."),
        (FAR_ABOVE_ZERO, "The output is positive everywhere here, where the slope of the last ReLU is 1."),
    ):
        fill(mine, theirs, {"bn2.bias": bias})
        assert_same_gradients(mine, theirs, [x], mode="eval", of=("inputs",), names=["x"], hint=hint)


BOTH_WAYS = "Two paths lead back to the input, the branch and the shortcut. Neither may be cut off."


test_running_statistics = blocks.statistics(
    points=2,
    again=0.75,
    of=["identity", "fewer channels"],
    hint="Each batch normalisation runs once per forward, with PyTorch's defaults; backward runs none again.",
)


@pytest.mark.points(0.25)
@pytest.mark.form
def test_statistics_of_the_branch(student, reference, rng):
    """Running statistics of an identity block, whose shortcut has none."""
    mine, theirs, (x,) = blocks.twins(student, reference, rng, "identity")
    assert_same_buffers(mine, theirs, [x], hint="The branch normalises twice, with PyTorch's defaults.")


test_gradients_in_training = blocks.gradients(
    "train", points=2, again=0.75, of=["identity", "stride"], one_by_one=True, hint=BOTH_WAYS
)
test_gradients_in_evaluation = blocks.gradients(
    "eval", frozen=True, points=2, again=1.5, of=["identity", "both"], hint=BOTH_WAYS
)
test_input_untouched = blocks.inputs_untouched(
    points=2,
    of=["identity", "both"],
    hint="`identity = x` makes no copy: an in-place operation on it changes x.",
)
test_blocks_are_separate = blocks.separate(points=2, again=0.75, of=["identity", "both"])
