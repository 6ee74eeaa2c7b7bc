"""Hidden suite of `residual_block`: the basic block of ResNet, version 1, against the reference.

Besides whole blocks, some tests silence one part and look at another alone. Where the sum is kept positive, a slip in
the final ReLU costs what the final ReLU is worth, and not the marks for the two paths.
"""

from __future__ import annotations

import pytest
import torch

from autograder.suite import (
    assert_close,
    assert_inputs_untouched,
    assert_nothing_kept,
    assert_nothing_shared,
    assert_parameters,
    assert_same_buffers,
    assert_same_gradients,
    assert_same_in_float32,
    assert_same_outputs,
    assert_separate_objects,
    assert_world_untouched,
    check,
    layouts,
    share_weights,
)

FAR_ABOVE_ZERO = 50.0
"""Far more than a branch of random weights and statistics can take away."""


def sizes(rng, kind):
    """Constructor arguments. Each way to need a projection comes alone, too: half a condition passes for the other."""
    channels, others = rng.distinct(3, 8, 2)
    return {
        "identity": {"in_channels": channels, "out_channels": channels},
        "other channels": {"in_channels": channels, "out_channels": others},
        "stride": {"in_channels": channels, "out_channels": channels, "stride": 2},
        "both": {"in_channels": channels, "out_channels": others, "stride": rng.choice([2, 3])},
    }[kind]


def images(rng, arguments):
    """(N, in_channels, H, W) with positive and negative values; H and W are odd and differ."""
    height, width = (2 * half + 1 for half in rng.distinct(2, 4, 2))
    return rng.randn(rng.integer(2, 3), arguments["in_channels"], height, width)


def twins(student, reference, rng, kind):
    """The student's block and ours with the same random weights and statistics, and a batch for them."""
    arguments = sizes(rng, kind)
    mine, theirs = student.ResidualBlock(**arguments), reference.ResidualBlock(**arguments)
    share_weights(mine, theirs, rng)
    return mine, theirs, images(rng, arguments)


def statistics(mine, theirs, x, hint):
    """Compare running statistics after a training batch, and leave them as they were."""
    before = theirs.state_dict()
    assert_same_buffers(mine, theirs, [x], hint=hint)
    for block in (mine, theirs):
        block.load_state_dict(before)


def fill(mine, theirs, constants):
    """Fill each named parameter with one number, in both blocks."""
    weights = theirs.state_dict()
    for name, constant in constants.items():
        weights[name].fill_(constant)
    theirs.load_state_dict(weights)
    mine.load_state_dict(weights)


@pytest.mark.form
@pytest.mark.points(1.25, again=0.5)
def test_parameters(student, reference, rng):
    """Names and shapes of parameters and running statistics."""
    for kind in ("identity", "other channels", "stride"):
        arguments = sizes(rng, kind)
        assert_parameters(
            student.ResidualBlock(**arguments),
            reference.ResidualBlock(**arguments),
            hint="Names are in the stub. The shortcut has layers when stride or channels change, and none otherwise.",
        )
    assert_nothing_shared(lambda: student.ResidualBlock(**arguments))


@pytest.mark.form
@pytest.mark.points(0.25)
def test_identity_alone(student, reference, rng):
    """Where the branch is zero, the identity passes a positive input and its gradient on unchanged."""
    mine, theirs, x = twins(student, reference, rng, "identity")
    fill(mine, theirs, {"bn2.weight": 0.0, "bn2.bias": 0.0})
    positive = x.abs() + 0.1
    hint = "bn2 has weight and bias 0 here, so nothing but the shortcut is left, and it is the identity."
    assert_same_outputs(mine, theirs, [positive], mode="eval", hint=hint)
    assert_same_gradients(mine, theirs, [positive], mode="eval", of=("inputs",), hint=hint)


@pytest.mark.points(0.25)
@pytest.mark.parametrize("kind", ["other channels", "stride"])
def test_projection_alone(student, reference, rng, kind):
    """Where the branch is zero, the projection gives the output and the gradient."""
    mine, theirs, x = twins(student, reference, rng, kind)
    fill(mine, theirs, {"bn2.weight": 0.0, "bn2.bias": 0.0, "shortcut.1.bias": FAR_ABOVE_ZERO})
    hint = "bn2 has weight and bias 0 here, so nothing but the shortcut is left, and it is a projection."
    assert_same_outputs(mine, theirs, [x], mode="eval", hint=hint)
    assert_same_gradients(mine, theirs, [x], mode="eval", of=("inputs",), hint=hint)


@pytest.mark.points(0.25)
def test_branch_alone(student, reference, rng):
    """Where the shortcut is constant, the branch gives the output."""
    mine, theirs, x = twins(student, reference, rng, "stride")
    fill(mine, theirs, {"shortcut.1.weight": 0.0, "shortcut.1.bias": FAR_ABOVE_ZERO})
    hint = "The shortcut is a large constant here, so the branch differs: its layers, their order, or a ReLU."
    assert_same_outputs(mine, theirs, [x], mode="eval", hint=hint)


@pytest.mark.points(0.25)
def test_branch_beside_nothing(student, reference, rng):
    """Where the shortcut is zero, the output is the ReLU of the branch."""
    mine, theirs, x = twins(student, reference, rng, "stride")
    fill(mine, theirs, {"shortcut.1.weight": 0.0, "shortcut.1.bias": 0.0})
    hint = "shortcut.1 has weight and bias 0 here, so the branch and the last ReLU are left."
    assert_same_outputs(mine, theirs, [x[:, :, :2, :2].contiguous()], mode="eval", hint=hint)


@pytest.mark.points(0.25)
def test_convolutions_alone(student, reference, rng):
    """With normalisations that change nothing, the two convolutions give the output."""
    mine, theirs, x = twins(student, reference, rng, "identity")
    variance, mean = 1e10, rng.uniform(0.5, 1.5)
    for norm in ("bn1", "bn2"):
        fill(mine, theirs, {f"{norm}.running_var": variance, f"{norm}.running_mean": mean})
        fill(mine, theirs, {f"{norm}.weight": (variance + 1e-5) ** 0.5, f"{norm}.bias": mean})
    hint = "bn1 and bn2 change nothing here: the convolutions, the ReLUs and the shortcut are left."
    assert_same_outputs(mine, theirs, [x], mode="eval", hint=hint)


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
    what = f"{mine.asked}, each convolution multiplying by {factor}, the rest changing nothing, x positive: the output"
    assert_close(out, (factor**2 + 1) * x, what)


@pytest.mark.points(0.5, again=0.25)
@pytest.mark.parametrize("kind", ["identity", "other channels", "both"])
def test_outputs_evaluating(student, reference, rng, kind):
    """Outputs in evaluation mode, with running statistics that are not the default."""
    mine, theirs, x = twins(student, reference, rng, kind)
    assert_same_outputs(mine, theirs, [x], mode="eval")


@pytest.mark.points(1, again=0.5)
@pytest.mark.parametrize("kind", ["identity", "stride"])
def test_outputs_training(student, reference, rng, kind):
    """Outputs in training mode."""
    mine, theirs, x = twins(student, reference, rng, kind)
    assert_same_outputs(mine, theirs, [x], mode="train")


@pytest.mark.points(2, again=0.75)
def test_sizes_of_one_and_many(student, reference, rng):
    """One image, one channel, one pixel, half or twice the channels, and large sizes: nothing is a special case."""
    few = rng.integer(3, 5)
    for arguments, shape, modes in (
        ((2 * few, few), (2, 5, 4), ("eval", "train")),
        ((2 * few, few, 2), (2, 4, 7), ("eval", "train")),
        ((few, 2 * few), (2, 4, 5), ("eval", "train")),
        ((few, 2 * few, 2), (2, 7, 5), ("eval", "train")),
        ((1, 1), (2, 4, 5), ("eval", "train")),
        ((1, few), (2, 5, 3), ("eval", "train")),
        ((few, 1, 2), (3, 4, 6), ("eval", "train")),
        ((2, 2, 3), (2, 7, 4), ("eval", "train")),
        ((few, few), (1, 4, 4), ("eval", "train")),
        ((few, few + 1, 2), (1, 5, 6), ("eval", "train")),
        ((few, few), (3, 1, 1), ("eval", "train")),
        ((few, few + 1), (4, 1, 1), ("eval", "train")),
        ((few, few, 2), (3, 1, 1), ("eval", "train")),
        ((few, few), (1, 1, 1), ("eval",)),  # one value per channel has no variance to train with
        ((few, few + 1, 2), (2, 2, 1), ("eval", "train")),
        ((64, 128, 2), (1, 5, 4), ("eval",)),
        ((64, 64), (1, 3, 3), ("eval",)),
        ((2, 2), (1, 67, 70), ("eval", "train")),
    ):
        mine, theirs = student.ResidualBlock(*arguments), reference.ResidualBlock(*arguments)
        assert_parameters(mine, theirs)
        share_weights(mine, theirs, rng)
        count, height, width = shape
        for mode in modes:
            x = rng.randn(count, arguments[0], height, width)
            assert_same_outputs(mine, theirs, [x], mode, hint=f"The input is of size {tuple(x.shape)} here.")


@pytest.mark.points(2, again=0.5)
def test_layouts(student, reference, rng):
    """It does not matter how the images lie in memory, nor in which dtype they come."""
    for kind in ("identity", "both"):
        mine, theirs, x = twins(student, reference, rng, kind)
        for what, same in layouts(x).items():
            assert_same_outputs(mine, theirs, [same], hint=f"x is {what} here.")
        assert_same_in_float32(mine, theirs, x)


@pytest.mark.points(0.5, again=0.25)
def test_gradients_of_the_relus(student, reference, rng):
    """No gradient flows where a ReLU gives 0, and all of it where it does not."""
    mine, theirs, x = twins(student, reference, rng, "identity")
    # First the sum is negative everywhere, then positive everywhere; in the branch it is half and half.
    for bias, where, slope in ((-FAR_ABOVE_ZERO, "0", 0), (FAR_ABOVE_ZERO, "positive", 1)):
        fill(mine, theirs, {"bn2.bias": bias})
        hint = f"The output is {where} everywhere here, where the slope of the last ReLU is {slope}."
        assert_same_gradients(mine, theirs, [x], mode="eval", of=("inputs",), names=["x"], hint=hint)


BOTH_WAYS = "Two paths lead back to the input, the branch and the shortcut. Neither may be cut off."


@pytest.mark.points(2, again=0.75)
@pytest.mark.parametrize("kind", ["identity", "stride"])
def test_gradients_in_training(student, reference, rng, kind):
    """Gradients of the input, which earlier layers learn from, and of all weights, in training mode."""
    mine, theirs, x = twins(student, reference, rng, kind)
    assert_same_gradients(mine, theirs, [x], names=["x"], hint=BOTH_WAYS)


@pytest.mark.points(2, again=1.5)
def test_gradients_in_evaluation(student, reference, rng):
    """Gradients of the input and of all weights in evaluation mode, where they flow as well."""
    for kind in ("identity", "both"):
        mine, theirs, x = twins(student, reference, rng, kind)
        assert_same_gradients(mine, theirs, [x], mode="eval", names=["x"], hint=BOTH_WAYS)
        for block in (mine, theirs):
            block.requires_grad_(False)
        hint = "All parameters are frozen here. The layers before the block may still learn."
        assert_same_gradients(mine, theirs, [x], mode="eval", of=("inputs",), names=["x"], hint=hint)


@pytest.mark.points(2, again=0.75)
def test_running_statistics(student, reference, rng):
    """Running statistics of batch normalisation: renewed once by a training batch, and left alone in evaluation."""
    for kind in ("identity", "other channels"):
        mine, theirs, x = twins(student, reference, rng, kind)
        hint = "Each batch normalisation runs once per forward, with PyTorch's defaults; backward runs none again."
        statistics(mine, theirs, x, hint)
        with torch.no_grad():
            statistics(mine, theirs, x[:1], f"{hint} A batch of one image in training mode counts, too.")
        before = mine.state_dict()
        mine.eval()(x)
        changed = [name for name, value in mine.state_dict().items() if not torch.equal(value, before[name])]
        told = ", ".join(f"`{name}`" for name in changed)
        check(not changed, f"{mine.asked} in evaluation mode: forward changes the running statistics {told}.")


@pytest.mark.points(0.25)
def test_statistics_of_the_branch(student, reference, rng):
    """Running statistics of an identity block, whose shortcut has none."""
    mine, theirs, x = twins(student, reference, rng, "identity")
    assert_same_buffers(mine, theirs, [x], hint="The branch normalises twice, with PyTorch's defaults.")


@pytest.mark.form
@pytest.mark.points(2)
def test_input_untouched(student, reference, rng):
    """The caller's input comes back as it was: in training, in evaluation, and under no_grad."""
    hint = "`identity = x` makes no copy: an in-place operation on it changes x."
    for kind in ("identity", "both"):
        mine, _, x = twins(student, reference, rng, kind)
        for mode in ("train", "eval"):
            assert_inputs_untouched(mine, [x], mode, names=["x"], hint=hint)
            with torch.no_grad():
                assert_inputs_untouched(mine, [x], mode, names=["x"], hint=hint)


@pytest.mark.points(2, again=0.75)
def test_blocks_are_separate(student, reference, rng):
    """Blocks have nothing in common, calls do not remember one another, and the world stays as it is."""
    for kind in ("identity", "both"):
        arguments = sizes(rng, kind)
        x = images(rng, arguments)
        assert_world_untouched(
            student, lambda arguments=arguments: student.ResidualBlock(**arguments), "Making a block"
        )
        assert_separate_objects(
            lambda arguments=arguments: student.ResidualBlock(**arguments),
            lambda arguments=arguments: reference.ResidualBlock(**arguments),
            [x],
            rng,
        )
        mine, theirs = student.ResidualBlock(**arguments), reference.ResidualBlock(**arguments)
        assert_nothing_kept(mine, theirs, x, rng)
        assert_world_untouched(student, lambda mine=mine, x=x: mine(x), f"A forward of {mine.asked}")
