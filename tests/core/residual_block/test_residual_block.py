"""Hidden suite of `residual_block`: the basic block of ResNet, version 1, against the reference.

Besides whole blocks, two tests silence one path and look at the other alone. The sum is kept positive there, so that a
slip in the final ReLU costs what the final ReLU is worth, and not the marks for the two paths.
"""

from __future__ import annotations

import pytest

from autograder.suite import (
    assert_close,
    assert_inputs_untouched,
    assert_parameters,
    assert_repeatable,
    assert_same_buffers,
    assert_same_gradients,
    assert_same_outputs,
    assert_shape,
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


def fill(mine, theirs, constants):
    """Fill each named parameter with one number, in both blocks."""
    weights = theirs.state_dict()
    for name, constant in constants.items():
        weights[name].fill_(constant)
    theirs.load_state_dict(weights)
    mine.load_state_dict(weights)


@pytest.mark.points(1.5)
@pytest.mark.parametrize("kind", ["identity", "other channels", "stride"])
def test_parameters(student, reference, rng, kind):
    """Names and shapes of parameters and running statistics."""
    arguments = sizes(rng, kind)
    assert_parameters(
        student.ResidualBlock(**arguments),
        reference.ResidualBlock(**arguments),
        hint="Names are in the stub. The shortcut has layers when stride or channels change, and none otherwise.",
    )


@pytest.mark.points(1.5)
def test_identity_alone(student, reference, rng):
    """Where the branch is zero, the identity passes a positive input and its gradient on unchanged."""
    mine, theirs, x = twins(student, reference, rng, "identity")
    fill(mine, theirs, {"bn2.weight": 0.0, "bn2.bias": 0.0})
    positive = x.abs() + 0.1
    hint = "bn2 has weight and bias 0 here, so nothing but the shortcut is left, and it is the identity."
    assert_same_outputs(mine, theirs, [positive], mode="eval", hint=hint)
    assert_same_gradients(mine, theirs, [positive], mode="eval", of=("inputs",), hint=hint)


@pytest.mark.points(1.5)
@pytest.mark.parametrize("kind", ["other channels", "stride"])
def test_projection_alone(student, reference, rng, kind):
    """Where the branch is zero, the projection gives the output and the gradient."""
    mine, theirs, x = twins(student, reference, rng, kind)
    fill(mine, theirs, {"bn2.weight": 0.0, "bn2.bias": 0.0, "shortcut.1.bias": FAR_ABOVE_ZERO})
    hint = "bn2 has weight and bias 0 here, so nothing but the shortcut is left, and it is a projection."
    assert_same_outputs(mine, theirs, [x], mode="eval", hint=hint)
    assert_same_gradients(mine, theirs, [x], mode="eval", of=("inputs",), hint=hint)


@pytest.mark.points(1.5)
def test_branch_alone(student, reference, rng):
    """Where the shortcut is constant, the branch gives the output."""
    mine, theirs, x = twins(student, reference, rng, "stride")
    fill(mine, theirs, {"shortcut.1.weight": 0.0, "shortcut.1.bias": FAR_ABOVE_ZERO})
    hint = "The shortcut is a large constant here, so the branch differs: its layers, their order, or a ReLU."
    assert_same_outputs(mine, theirs, [x], mode="eval", hint=hint)


@pytest.mark.points(1.5)
@pytest.mark.parametrize("kind", ["identity", "other channels", "both"])
def test_outputs_evaluating(student, reference, rng, kind):
    """Outputs in evaluation mode, with running statistics that are not the default."""
    mine, theirs, x = twins(student, reference, rng, kind)
    assert_same_outputs(mine, theirs, [x], mode="eval")


@pytest.mark.points(1.5)
@pytest.mark.parametrize("kind", ["identity", "stride"])
def test_outputs_training(student, reference, rng, kind):
    """Outputs in training mode."""
    mine, theirs, x = twins(student, reference, rng, kind)
    assert_same_outputs(mine, theirs, [x], mode="train")


@pytest.mark.points(3)
@pytest.mark.parametrize("kind", ["identity", "stride"])
def test_input_gradient(student, reference, rng, kind):
    """Gradient of the input: what earlier layers would learn from."""
    mine, theirs, x = twins(student, reference, rng, kind)
    assert_same_gradients(
        mine,
        theirs,
        [x],
        of=("inputs",),
        hint="Two paths lead back to the input, the branch and the shortcut. Neither may be cut off.",
    )


@pytest.mark.points(1.5)
def test_parameter_gradients(student, reference, rng):
    """Gradients of all weights, those of the projection among them."""
    mine, theirs, x = twins(student, reference, rng, "stride")
    assert_same_gradients(mine, theirs, [x], of=("parameters",))


@pytest.mark.points(2)
@pytest.mark.parametrize("kind", ["identity", "other channels"])
def test_running_statistics(student, reference, rng, kind):
    """Running statistics of batch normalisation after a training batch."""
    mine, theirs, x = twins(student, reference, rng, kind)
    assert_same_buffers(
        mine, theirs, [x], hint="Each batch normalisation runs once per forward, with PyTorch's defaults."
    )


@pytest.mark.points(0.5)
def test_input_untouched(student, reference, rng):
    """The caller's input comes back as it was."""
    mine, _, x = twins(student, reference, rng, "identity")
    assert_inputs_untouched(mine, [x], hint="`identity = x` makes no copy: an in-place operation on it changes x.")


@pytest.mark.points(1)
def test_calls_are_independent(student, reference, rng):
    """Each call depends on its own input only, and on nothing random."""
    mine, _, x = twins(student, reference, rng, "identity")
    assert_repeatable(mine, [x], mode="train")
    assert_repeatable(mine, [x], mode="eval")
    in_order, reversed_order = mine(x.clone()), mine(x.flip(0))
    assert_shape(in_order, x.shape, f"{mine.asked} in evaluation mode: the output")
    assert_close(
        reversed_order.flip(0),
        in_order,
        what=f"{mine.asked} in evaluation mode: with the images of the batch in reverse order, an image's output",
        hint="Is anything kept on `self` from one forward to the next?",
    )
