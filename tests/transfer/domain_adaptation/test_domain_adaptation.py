"""Hidden suite of `domain_adaptation`: three remedies, each by its numbers and by what it leaves alone.

Strengths are never 1, which hides a square and a division. Both domains of CORAL are shifted and of unequal size, and d
is not 4. AdaBN is asked with batches of unequal size, on layers that depend on one another.
"""

from __future__ import annotations

import pytest
import torch

from autograder.suite import (
    assert_close,
    assert_equal,
    assert_inputs_untouched,
    assert_same_gradients,
    assert_same_outputs,
    assert_world_untouched,
    check,
)


def strengths(rng):
    """A small one, a large one, and zero."""
    return [rng.uniform(0.2, 0.45), rng.uniform(1.6, 2.5), 0.0]


# -- gradient reversal ------------------------------------------------------------------------------------------------


@pytest.mark.points(3)
def test_reversal(student, reference, rng):
    """`reverse_gradient`: the same values, and the gradient times -strength, which is 1 by default."""
    for shape in ((3, 4), (5,), (), (2, 3, 2, 2)):
        x = rng.randn(1, *shape)[0]
        for strength in strengths(rng):
            mine, theirs = (code.reverse_gradient.bind(strength=strength) for code in (student, reference))
            assert_same_outputs(mine, theirs, [x], hint="Forwards it is the identity; only the way back is another.")
            hint = (
                "Each gradient is -strength times what comes. If it is zero, what leads back from your result to x; if "
                "not, what does your backward get, and what does it return?"
            )
            assert_same_gradients(mine, theirs, [x], names=("x",), hint=hint)
        hint = "Without a strength it is 1."
        assert_same_gradients(student.reverse_gradient, reference.reverse_gradient, [x], names=("x",), hint=hint)
    x = rng.randn(4, 3).float().T
    assert_same_outputs(student.reverse_gradient, reference.reverse_gradient, [x])
    assert_inputs_untouched(student.reverse_gradient.bind(strength=0.5), [rng.randn(3, 4)], names=("x",))
    x = rng.randn(2, 3).requires_grad_()
    assert_world_untouched(student, lambda: student.reverse_gradient(x, 0.5), "reverse_gradient")


@pytest.mark.points(2.5)
def test_reversal_in_one_branch(student, reference, rng):
    """`reverse_gradient` turns round its own branch only: neither the task's branch nor the classifier of domains."""
    n, d, hidden, classes = rng.distinct(2, 7, 4)
    tensors = [rng.randn(n, d), rng.randn(d, hidden), rng.randn(hidden, classes), rng.randn(hidden, 2)]
    words = {
        "x": "the gradient of the input",
        "features": "the gradient of the features' weight",
        "task": "the gradient of the task's weight",
        "domain": "the gradient of the weight of the classifier of domains",
    }
    for strength in strengths(rng)[:2]:
        mine, theirs = (
            code.beside.two_branches(code.reverse_gradient, *tensors, strength) for code in (student, reference)
        )
        asked = f"features h, used by a task and, through reverse_gradient(h, {strength:.3g}), by domains: "
        for name, what in words.items():
            hint = "Both branches use h. Only what comes back through your result is turned round."
            assert_close(mine[name], theirs[name], what, asked=asked, hint=hint)
    x, weak_and_strong = rng.randn(n, d), strengths(rng)[:2]
    mine, theirs = (
        code.beside.two_strengths(code.reverse_gradient, x, weak_and_strong) for code in (student, reference)
    )
    asked = "x, used through two reversals of strengths {:.3g} and {:.3g}, and one backward: ".format(*weak_and_strong)
    hint = "Each result has its own strength. Where do you keep it until the backward?"
    assert_close(mine, theirs, "the gradient of x", asked=asked, hint=hint)
    mine, theirs = (
        code.beside.added_to_itself(code.reverse_gradient, x, weak_and_strong[0]) for code in (student, reference)
    )
    asked = f"the sum of R(x) + x cubed, strength={weak_and_strong[0]:.3g}: "
    hint = "What your backward gets is passed to x as well. Does it write into it?"
    assert_close(mine, theirs, "the gradient of x", asked=asked, hint=hint)


@pytest.mark.points(2.5)
def test_reversal_twice_and_without_gradients(student, reference, rng):
    """`reverse_gradient` can be differentiated twice, and under no_grad it is the identity."""
    x = rng.randn(2, 3)
    for strength in strengths(rng)[:2]:
        mine, theirs = (
            code.beside.without_gradients(code.reverse_gradient, x, strength) for code in (student, reference)
        )
        for index, where in enumerate(("under no_grad", "for a tensor without gradients")):
            assert_close(mine[index], theirs[index], "the output", asked=f"{where}: ")
        check(not mine[2], "under no_grad: the result of reverse_gradient has a graph.")
        mine, theirs = (code.beside.twice(code.reverse_gradient, x, strength) for code in (student, reference))
        asked = f"the sum of R(x) cubed, strength={strength:.3g}: "
        hint = "Of which operations does your backward consist, and can they be differentiated?"
        assert_close(mine["second"], theirs["second"], "the gradient of the gradient", asked=asked, hint=hint)


@pytest.mark.points(2.5)
def test_reversal_strength(student, reference, rng):
    """`reversal_strength`: 0 at first, nearly 1 in the end, and by the formula between; a number."""
    for progress in (0.0, 1.0, 0, 1, 0.5, rng.uniform(0.05, 0.2), rng.uniform(0.2, 0.4)):
        mine, expected = student.reversal_strength(progress), reference.reversal_strength(progress)
        check(
            isinstance(mine, float),
            f"reversal_strength({progress:.3g}) returns a value of type {type(mine).__name__}, expected a float.",
            difference=("the returned strength", "type"),
        )
        hint = "By the formula, progress 0 gives 0, and 1 nearly 1. What do the factors and the last term do?"
        told = f"reversal_strength({progress:.3g}): "
        assert_close(mine, expected, "the returned strength", asked=told, hint=hint)


# -- CORAL ------------------------------------------------------------------------------------------------------------


def domains(rng):
    """Pairs of domains: shifted, of unequal size, with more and with fewer samples than features, and the smallest."""
    few, more = rng.distinct(5, 9, 2)
    return [
        (3 + rng.randn(few, 3), 2 * rng.randn(more, 3) - 1),
        (1 + rng.randn(3, 7), rng.randn(2, 7)),
        (5 * rng.randn(few, 1), 2 + rng.randn(more, 1)),
        (rng.randn(2, 2), 1 + rng.randn(2, 2)),
        (100 + rng.randn(more, 5), 0.1 * rng.randn(few, 5)),
    ]


@pytest.mark.points(2.5)
def test_coral(student, reference, rng):
    """`coral_loss`: the squared distance of the covariances over 4d², in the dtype of the features."""
    same = rng.randn(6, 3)
    hint = "A shift changes nothing: each feature loses its mean over the samples, in both domains."
    assert_same_outputs(student.coral_loss, reference.coral_loss, [same, 2 + same], hint=hint)
    for source, target in domains(rng):
        hint = "Print the two covariances beside torch.cov. Then the sum of which squares, divided by what?"
        assert_same_outputs(student.coral_loss, reference.coral_loss, [source, target], hint=hint)
    source, target = domains(rng)[0]
    assert_same_outputs(student.coral_loss, reference.coral_loss, [source.float(), target.float()])
    assert_same_outputs(student.coral_loss, reference.coral_loss, [source.T.contiguous().T, target])


@pytest.mark.points(2.5)
def test_coral_gradients(student, reference, rng):
    """`coral_loss`: gradients reach source and target, which come back as they were."""
    source, target = domains(rng)[0]
    assert_world_untouched(student, lambda: student.coral_loss(source, target), "coral_loss")
    same = 3 + rng.randn(5, 2)
    for source, target in [*domains(rng), (same, same.clone())]:
        hint = (
            "If the loss is right and its gradient is not: which tensor leaves the graph on the way from this domain? "
            "Where both are equal, nothing pulls, and no operation may make NaN of it."
        )
        names = ("source", "target")
        assert_same_gradients(student.coral_loss, reference.coral_loss, [source, target], names=names, hint=hint)
    assert_inputs_untouched(student.coral_loss, domains(rng)[0], names=("source", "target"))


# -- AdaBN ------------------------------------------------------------------------------------------------------------


def target_batches(rng):
    """Images of the target: shifted, drifting from batch to batch, and of unequal number."""
    return [(1 + i) * rng.randn(n, 3, 6, 5) + 2 * i for i, n in enumerate(rng.distinct(2, 7, 3))]


def adapted(code, seed, width, batches, training, watch=False):
    """A network before and after, and what was returned."""
    model = code.beside.network(width, seed)
    code.beside.set_modes(model, training)
    code.beside.objects(model)
    if watch:
        code.beside.watched(model)
    result = code.adapt_batch_norm(model, batches)
    return model, result, code.beside.snapshot(model)


def is_statistic(name):
    return name.partition(".")[0] in ("volumes", "images", "vectors", "plain") and (
        "running" in name or "tracked" in name
    )


def agree(mine, theirs):
    return mine is not None and mine.shape == theirs.shape and torch.allclose(mine.double(), theirs.double())


def statistics_hint(mine, theirs, before):
    """Where to look when statistics are wrong, by what has changed and what has not."""
    state, modes = mine["state"], mine["seen"]["dropout"]
    wrong = {name for name in before if is_statistic(name) and not agree(state.get(name), theirs["state"][name])}
    same = [name for name in before if name in state and torch.equal(state[name].double(), before[name].double())]
    changed = [name for name in before if not is_statistic(name) and name not in same]
    kept = [name for name in same if is_statistic(name) and name.endswith("running_mean")]
    if any(modes):
        return "Dropout is active in your forwards. Batch norms alone are in training mode meanwhile."
    if any(mine["seen"]["model"]):
        return (
            "The model itself is in training mode in your forwards, so its `forward` does as in training. Batch norms "
            "alone are, meanwhile."
        )
    if len(kept) == sum(name.endswith("running_mean") and is_statistic(name) for name in before):
        return (
            "No batch norm has changed. Is the model that came in the one that you adapt, and which of its layers are "
            "in training mode in your forwards?"
        )
    if kept:
        return f"`{kept[0]}` has not changed: BatchNorm1d, 2d and 3d are all adapted, whatever their options."
    if changed:
        return f"`{changed[0]}` has changed as well, and is no statistic of a batch norm. Which line reaches it?"
    if len(modes) != len(theirs["seen"]["dropout"]):
        return "One forward for each batch."
    if all(name.endswith("tracked") for name in wrong):
        return "Means and variances are right. The counter is the number of batches of this call."
    if not any(name.endswith("running_mean") for name in wrong):
        return "The means are right. By what does the variance of a batch divide?"
    if not any(name.startswith("volumes") for name in wrong):
        return (
            "`volumes` comes first, and is right. What a later layer gets depends on how those before it normalise: "
            "with the batch's own statistics, in the same forward."
        )
    return (
        "Each batch counts once, and nothing old is left. Print `running_mean` after one batch beside that batch's own "
        "mean, then after two beside the average of both."
    )


@pytest.mark.points(3.5)
def test_statistics(student, reference, rng):
    """`adapt_batch_norm`: running statistics become the average over the target's batches, and count them."""
    width = rng.integer(4, 6)
    batches = target_batches(rng)
    for asked, given, training in (
        ("three batches of unequal size, a model in training mode", batches, True),
        ("three batches of unequal size, a model in evaluation mode", tuple(batches), False),
        ("one batch", batches[:1], False),
    ):
        seed = rng.integer(1, 10**6)
        before = reference.beside.snapshot(reference.beside.network(width, seed))["state"]
        mine, theirs = (adapted(code, seed, width, given, training, True)[2] for code in (student, reference))
        hint = statistics_hint(mine, theirs, before)
        for name, expected in theirs["state"].items():
            if is_statistic(name):
                assert_close(mine["state"].get(name), expected, f"`{name}`", asked=f"{asked}: ", hint=hint)


@pytest.mark.form
@pytest.mark.points(3)
def test_all_else_stays(student, reference, rng):
    """`adapt_batch_norm`: all else stays: parameters, modes, momentum, gradients, batches; no dropout and no graph."""
    width, seed = rng.integer(4, 6), rng.integer(1, 10**6)
    batches = target_batches(rng)
    before = [batch.clone() for batch in batches]
    words = {
        "training": "the list of the modules' modes (True: training)",
        "momentum": "the momentum of the norms",
        "tracks": "`track_running_stats` of the norms",
        "requires_grad": "`requires_grad` of the parameters",
        "grad": "the gradients",
        "hooks": "the number of hooks of each module",
        "kinds": "what the running statistics are",
    }
    for training in (True, False):
        asked = f"a model in {'training' if training else 'evaluation'} mode, some layers in the other: "
        model, result, mine = adapted(student, seed, width, batches, training, watch=True)
        _, _, theirs = adapted(reference, seed, width, batches, training, watch=True)
        check(result == model, f"{asked}adapt_batch_norm returns another object than the model that it was given.")
        for key, what in words.items():
            assert_equal(mine[key], theirs[key], f"{what} afterwards", asked=asked)
        seen, wanted = mine["seen"], theirs["seen"]
        what = "the mode of dropout in each forward (True: training)"
        hint = "One forward for each batch, in which batch norms alone are in training mode."
        assert_equal(seen["dropout"], wanted["dropout"], what, asked=asked, hint=hint)
        what = "the list of `requires_grad` of a layer's output in each forward"
        assert_equal(seen["graph"], wanted["graph"], what, asked=asked, hint="Nothing is learned: no graph is needed.")
        kept = {name: value for name, value in theirs["state"].items() if not is_statistic(name)}
        for name, expected in kept.items():
            assert_close(mine["state"].get(name), expected, f"`{name}` afterwards", asked=asked)
        same = student.beside.same_objects(model)
        what = "the list of parameters that are the same objects"
        hint = "An optimizer holds the Parameters that were there. Which line makes new ones?"
        assert_equal(same, list(theirs["grad"]), what, asked=asked, hint=hint)
    for index, (batch, copy) in enumerate(zip(batches, before, strict=True), start=1):
        check(torch.equal(batch, copy) and not batch.requires_grad, f"adapt_batch_norm changes batch {index}.")
    model = student.beside.network(width, seed)
    assert_world_untouched(student, lambda: student.adapt_batch_norm(model, batches), "adapt_batch_norm")


# -- what comes of it -------------------------------------------------------------------------------------------------


@pytest.mark.points(0.5)
def test_coral_on_a_toy_domain(student, reference, rng):
    """On a toy domain whose second feature says nothing, CORAL brings the accuracy to where the reference brings it."""
    labels = torch.arange(200) % 2
    side = (2.0 * labels - 1).double()
    source = torch.stack([2 * side + rng.randn(200), 2 * side + 0.5 * rng.randn(200)], 1)
    target = torch.stack([2 * side + rng.randn(200), 5 * rng.randn(200)], 1)
    weights = torch.eye(2, dtype=torch.float64) + 0.1 * rng.randn(2, 2), 0.3 * rng.randn(2, 2)
    mine, theirs = (
        code.beside.trained_with_coral(code.coral_loss, source, target, labels, *weights, weight=0.3)
        for code in (student, reference)
    )
    assert_equal(mine, theirs, "after 60 steps with CORAL, what the model comes to in the target")


@pytest.mark.points(0.5)
def test_statistics_on_a_toy_domain(student, reference, rng):
    """On a toy domain that is scaled and shifted, AdaBN brings the accuracy to where the reference brings it."""
    labels = torch.arange(200) % 2
    side = (2.0 * labels - 1).double()
    source = torch.stack([2 * side + rng.randn(200), 2 * side + 0.5 * rng.randn(200)], 1)
    moved = torch.stack([2 * side + rng.randn(200), 2 * side + rng.randn(200)], 1) * torch.tensor([3.0, 0.5]) + 6.0
    mine, theirs = (
        code.beside.adapted_classifier(code.adapt_batch_norm, source, moved, labels) for code in (student, reference)
    )
    assert_equal(mine, theirs, "the model's accuracy in a target that is scaled and shifted")
