"""Hidden suite of `fine_tune`: which parameters train, how fast, and that nothing else moves.

Each function is asked with what the others have nothing to do with; only the last check puts the three together.
"""

from __future__ import annotations

import pytest
import torch

from autograder.suite import assert_equal, assert_world_untouched, check

TRAINABLE = {
    "one module": ["layer4"],
    "modules and a parameter, in a tuple": ("head", "scale", "spare.rms"),
    "a norm by its own name, and the weight of another": ["layer4.norm", "layer40.norm.weight"],
    "a module of norms with and without parameters, and a bias": ["spare", "head.bias"],
    "nothing": [],
}


def both(student, reference, rng, make="network"):
    """Two equal networks: the student's and ours."""
    width, seed = rng.integer(4, 7), rng.integer(1, 10**6)
    return [(code, getattr(code.beside, make)(width, seed)) for code in (student, reference)]


@pytest.mark.points(3)
def test_what_trains(student, reference, rng):
    """`freeze`: parameters at or below the names train, no others; values and gradients stay."""
    for asked, names in TRAINABLE.items():
        found = []
        for code, model in both(student, reference, rng):
            before = code.beside.flags(model)
            result = code.freeze(model, names)
            if code is student:
                check(result == model, f"freeze(model, {names}) returns another object than the model.")
            found.append([getattr(code.beside, what)(model) for what in ("flags", "gradients", "state")])
        told = f"freeze with {asked}, {names}: "
        hint = "At or below: the name itself, or what begins with the name and a dot."
        wrong = [name for name, flag in found[1][0].items() if found[0][0].get(name) != flag]
        if all(found[1][0][name] and not before[name] for name in wrong):
            hint = "This parameter was frozen before the call. What is named trains from now on, even if it did not."
        assert_equal(found[0][0], found[1][0], "`requires_grad`", asked=told, hint=hint)
        hint = "`freeze` sets `requires_grad` and the mode of norms. No weight, statistic or gradient changes."
        assert_equal(found[0][1], found[1][1], "the gradients that were there before", asked=told, hint=hint)
        assert_equal(found[0][2], found[1][2], "the model's state dict", asked=told, hint=hint)
    _, model = both(student, reference, rng)[0]
    assert_world_untouched(student, lambda: student.freeze(model, ["head"]), "freeze")


NORMS = ("instance", "group", "layer", "plain", "volume", "sync", "rms")
"""Normalisation layers in `spare`."""


def assert_same_modes(mine, theirs, asked):
    """The same modes after each call of train and eval, and the model comes back from each."""
    for call, expected in theirs.items():
        hint = "Frozen: a norm whose own name is neither in `trainable` nor below a name in it."
        wrong = {name for name, mode in expected["modes"].items() if mine[call]["modes"].get(name) != mode}
        if any(not name.endswith("norm") and name.partition(".")[2] not in NORMS for name in wrong):
            hint = "Norms alone are held. All other modules follow train and eval, and keep their modes in `freeze`."
        elif wrong and all(name.startswith("spare.") and not expected["modes"][name] for name in wrong):
            hint = "Norms of every kind in `NORMS` count, not batch norm alone."
            if wrong <= {"spare.instance", "spare.plain"}:
                hint = "This norm has no parameters. What decides is the layer's own name, not what its parameters do."
        what = f"the list of the model's modes (True: training) after {call}"
        assert_equal(mine[call]["modes"], expected["modes"], what, asked=asked, hint=hint)
        assert_equal(mine[call]["returns"], expected["returns"], f"what {call} returns", asked=asked)


@pytest.mark.points(3)
def test_frozen_norms_stay(student, reference, rng):
    """`freeze`: frozen normalisation layers are in evaluation mode from now on, and all else follows train and eval."""
    x = rng.randn(5, 2)
    modes = []
    for code, model in both(student, reference, rng):
        other = code.beside.network(4, 1)
        code.freeze(model, [])
        modes.append({call: each["modes"] for call, each in code.beside.modes_through_training(other).items()})
    what = "the list of the modes of another model, which is not frozen, after train and eval"
    hint = "`freeze` arranges for its model alone: neither the model's class nor those of its layers change."
    assert_equal(*modes, what, hint=hint)
    for asked, names in TRAINABLE.items():
        modes, statistics = [], []
        for code, model in both(student, reference, rng):
            code.freeze(model, names)
            modes.append(code.beside.modes_through_training(model))
            statistics.append(code.beside.statistics_after_a_forward(model, x))
        told = f"freeze with {asked}, {names}: "
        assert_same_modes(*modes, told)
        what = "the running statistics after a forward in training mode"
        assert_equal(*statistics, what, asked=told, hint="Frozen statistics do not drift.")


@pytest.mark.points(3)
def test_freeze_again(student, reference, rng):
    """`freeze`: a second call takes the place of the first one."""
    x = rng.randn(5, 2)
    for first, second in ((["layer40"], ["spare"]), ([], ["layer40", "spare"])):
        flags, modes, statistics = [], [], []
        for code, model in both(student, reference, rng):
            code.freeze(code.freeze(model, first), second)
            flags.append(code.beside.flags(model))
            modes.append(code.beside.modes_through_training(model))
            modes[-1].pop("freeze")  # in which mode a layer is left that trains from now on is not asked
            statistics.append(code.beside.statistics_after_a_forward(model, x))
        told = f"freeze with {first}, then with {second}: "
        assert_equal(*flags, "`requires_grad`", asked=told)
        assert_same_modes(*modes, told)
        hint = "A norm that is not frozen any more follows the new images as before, with its own momentum."
        what = "the running statistics after a forward in training mode"
        assert_equal(*statistics, what, asked=told, hint=hint)


@pytest.mark.form
@pytest.mark.points(3)
def test_unknown_names(student, reference, rng):
    """`freeze`: a name that matches nothing raises ValueError, and the model is as it was."""
    for names, before in (
        (["layer"], None),
        (["scale", "nowhere"], ["spare"]),
        (["spare.drop"], None),
        (["spare.plain", "linear"], None),
    ):
        raised, flags, modes = [], [], []
        for code, model in both(student, reference, rng):
            if before is not None:
                code.freeze(model, before)
            raised.append(code.beside.names_refused(code.freeze, model, names))
            flags.append(code.beside.flags(model))
            modes.append({call: each["modes"] for call, each in code.beside.modes_through_training(model).items()})
        told = f"freeze with {names}{'' if before is None else f', after one with {before}'}: "
        hint = "Look all names up before you change anything."
        assert_equal(*raised, "the error that is raised", asked=told)
        assert_equal(*flags, "`requires_grad`", asked=told, hint=hint)
        assert_equal(*modes, "the list of the model's modes after train and eval", asked=told, hint=hint)


# -- groups -----------------------------------------------------------------------------------------------------------


def rates_hint(mine, theirs, hint):
    """Where to look when learning rates or decays are wrong; `hint` where it is neither what is left out nor the rate
    alone.
    """
    pairs = [pair for name in theirs for pair in mine.get(name, [])]
    if any(77.0 in pair or 55.0 in pair for pair in pairs):
        return "Each group has `lr` and `weight_decay` of its own. Where one is left out, the optimizer's holds."
    if [pair[1] for pair in pairs] == [pair[1] for name in theirs for pair in theirs[name]]:
        return "`head_lr` is for what is at or below `head`, `lr` for all others; both come as they are."
    return hint


def assert_same_rates(student, reference, rng, asked, trainable, head, hint=None, **options):
    """Each parameter has the solution's learning rate and decay, in one group."""
    found = []
    for code, model in both(student, reference, rng):
        code.beside.freeze_all_but(model, trainable)
        found.append(code.beside.rates(code.parameter_groups, model, head, **options))
    form = "Return a list of dictionaries, each with a list `params`."
    hints = {
        "returned": form,
        "kinds": form,
        "flags": "`parameter_groups` asks for `requires_grad`, and does not set it.",
        "counts": "Trainable parameters are in one group, frozen ones in none. Two layers can share one parameter.",
        "empty": "Make a group when there is a parameter for it.",
    }
    hints["rates"] = rates_hint(found[0]["rates"], found[1]["rates"], hint)
    for key, what in {
        "flags": "`requires_grad` after parameter_groups",
        "returned": "the kind of what is returned",
        "kinds": "the list of the kinds of `params`",
        "counts": "the number of groups of each parameter",
        "rates": "the list of `[lr, weight_decay]`",
        "empty": "the number of empty groups",
    }.items():
        assert_equal(found[0][key], found[1][key], what, asked=f"{asked}: ", hint=hints.get(key, hint))


@pytest.mark.points(3.5)
def test_rates(student, reference, rng):
    """`parameter_groups`: the learning rate of head or backbone; decay for matrices outside normalisation layers."""
    lr, head_lr, decay = rng.uniform(0.01, 0.02), rng.uniform(0.1, 0.2), rng.uniform(0.3, 0.4)
    hint = "Decay: two or more dimensions, and no parameter of a normalisation layer, whatever its name and shape."
    for head in ("head", "layer4", "scale", "spare.rms"):
        asked = f'head="{head}", all parameters train'
        options = {"lr": lr, "head_lr": head_lr, "weight_decay": decay}
        assert_same_rates(student, reference, rng, asked, None, head, hint, **options)
    asked = "without weight_decay"
    assert_same_rates(student, reference, rng, asked, None, "head", "It is 0 by default.", lr=lr, head_lr=head_lr)
    for head in ("hea", "layer40.lin", "linear"):
        mine, theirs = (
            code.beside.head_refused(code.parameter_groups, model, head)
            for code, model in both(student, reference, rng)
        )
        assert_equal(mine, theirs, "the error that is raised", asked=f'head="{head}": ')
    asked = "equal learning rates"
    assert_same_rates(student, reference, rng, asked, None, "head", lr=lr, head_lr=lr, weight_decay=decay)


@pytest.mark.points(3)
def test_groups(student, reference, rng):
    """`parameter_groups`: nothing frozen is in a group, no group is empty, a head without parameters is refused."""
    options = {"lr": 0.01, "head_lr": 0.1, "weight_decay": 0.2}
    for asked, trainable in (
        ("the head alone trains", ["layer40."]),
        ("biases alone train", ["layer4.linear.bias", "layer40.linear.bias"]),
        ("a part of the backbone alone trains", ["layer4."]),
        ("nothing trains", ["nothing"]),
    ):
        assert_same_rates(student, reference, rng, asked, trainable, "layer40", **options)
    for head in ("spare.drop", "nowhere"):
        mine, theirs = (
            code.beside.head_refused(code.parameter_groups, model, head)
            for code, model in both(student, reference, rng)
        )
        assert_equal(mine, theirs, "the error that is raised", asked=f'head="{head}": ')
    left = []
    for code, model in both(student, reference, rng):
        code.beside.rates(code.parameter_groups, model, "layer40", **options)
        left.append([getattr(code.beside, what)(model) for what in ("flags", "gradients", "modes", "state")])
    words = ("`requires_grad`", "the gradients", "the list of modes", "the model's state dict")
    for what, mine, theirs in zip(words, *left, strict=True):
        assert_equal(mine, theirs, what, asked="the model after parameter_groups: ")


# -- training ---------------------------------------------------------------------------------------------------------


def clouds(rng, sizes):
    """Batches of two Gaussian clouds, of unequal size."""
    batches = []
    for n in sizes:
        y = rng.integers(0, 1, (n,))
        batches.append((rng.randn(n, 2) + 3.0 * y[:, None] - 1.5, y))
    return batches


HELD = ("first", "second", "norm.weight", "norm.bias", "head.weight")
"""What the optimizer holds: of the frozen layers one, and not the head's bias."""


def train(student, reference, rng, kind="SGD", sizes=(5, 2, 9), make="classifier", **options):
    """What training comes to with the student's function and with ours."""
    batches = clouds(rng, sizes)
    found = []
    for code, model in both(student, reference, rng, make):
        names = code.beside.flags(model)
        held = [name for name in names if name.startswith(HELD)]
        found.append(code.beside.trained(code.fine_tune, model, batches, kind, held, ["first", "frozen"], **options))
    return found


def same_values(mine, theirs):
    """Whether two state dicts agree, up to rounding."""
    return mine.keys() == theirs.keys() and all(
        mine[name].shape == theirs[name].shape and torch.allclose(mine[name].double(), theirs[name].double())
        for name in theirs
    )


def training_hint(mine, theirs):
    """Where to look when something is wrong after the training, by what else is wrong; None for a step itself."""
    if mine["training"] != theirs["training"]:
        return (
            "Print `training` of all modules after fine_tune, and after `model.train()` alone: both have to be the "
            "same."
        )
    if mine["forwards"] != theirs["forwards"]:
        return "Each batch of each epoch is one forward, and its loss is that of this forward, before the step."
    if any(mine["left"]):
        return "When a backward begins, each `.grad` of the model is None. Print those that are not."
    return None


def losses_hint(mine, theirs):
    """Where to look when losses are wrong."""
    if not isinstance(mine["losses"], list):
        return "One float for each epoch, in a list."
    hint = training_hint(mine, theirs)
    if hint is not None:
        return hint
    if mine["kinds of losses"] != theirs["kinds of losses"]:
        return "A loss is a number. A tensor keeps the graph of its batch."
    if same_values(mine["state"], theirs["state"]):
        return (
            "The weights come out right, so it is in the adding up. How often does a batch of 5 count, and one of 2, "
            "and where does an epoch's sum begin?"
        )
    return (
        "The losses are wrong because the weights are. For each batch, in order: clear, forward, mean cross-entropy, "
        "backward, step, and nothing between."
    )


@pytest.mark.points(3)
def test_losses(student, reference, rng):
    """`fine_tune`: the mean loss per sample of each epoch, before the steps, as numbers."""
    large = "Scores are large and far apart. Which operation of your loss overflows, rounds, or takes the log of 0?"
    for asked, options, hint in (
        ("5 epochs over batches of 5, 2 and 9 samples", {"epochs": 5}, None),
        ("1 epoch, which is the default", {}, None),
        ("batches of equal size", {"sizes": (4, 4), "epochs": 2}, None),
        ("one batch, scores around 10000 and far apart", {"sizes": (6,), "make": "sure_classifier"}, large),
        ("epochs=0", {"epochs": 0}, None),
    ):
        mine, theirs = train(student, reference, rng, **options)
        hint = hint or losses_hint(mine, theirs)
        assert_equal(mine["losses"], theirs["losses"], "the list of returned losses", asked=f"{asked}: ", hint=hint)
        what = "the list of types of the returned losses"
        assert_equal(mine["kinds of losses"], theirs["kinds of losses"], what, asked=f"{asked}: ")


@pytest.mark.points(3)
def test_only_what_should_move(student, reference, rng):
    """`fine_tune`: weights and statistics afterwards; what is frozen, or what the optimizer does not hold, stays."""
    for asked, options in (
        ("SGD with momentum and decay, 3 epochs", {"epochs": 3}),
        ("Adam with decay, 2 epochs", {"kind": "Adam", "epochs": 2}),
        ("epochs=0", {"epochs": 0}),
    ):
        mine, theirs = train(student, reference, rng, **options)
        hint = training_hint(mine, theirs) or (
            "For each batch, in order: clear, forward, mean cross-entropy, backward, step, and nothing between."
        )
        if any(mine["left"]):
            hint = "A gradient left from before, or one that is zero, moves a parameter as well."
        assert_equal(mine["state"], theirs["state"], "the model's state dict", asked=f"{asked}: ", hint=hint)
        assert_equal(mine["requires_grad"], theirs["requires_grad"], "`requires_grad`", asked=f"{asked}: ")
        what = "the list of the model's modes (True: training)"
        hint = "`model.train()` comes first, and the model stays in training mode."
        assert_equal(mine["training"], theirs["training"], what, asked=f"{asked}: ", hint=hint)
        assert_equal(mine["forwards"], theirs["forwards"], "the number of forward calls", asked=f"{asked}: ")
        assert_equal(
            mine["steps"], theirs["steps"], "the numbers of steps in the optimizer's state", asked=f"{asked}: "
        )


@pytest.mark.points(3)
def test_gradients_are_cleared(student, reference, rng):
    """`fine_tune`: no parameter of the model has a gradient before a backward, nor at the end."""
    mine, theirs = train(student, reference, rng, epochs=2)
    hint = "The optimizer does not hold all parameters. And zero is a gradient, too."
    for index, (found, expected) in enumerate(zip(mine["left"], theirs["left"], strict=False), start=1):
        what = f"the list of parameters with a gradient when backward {index} begins"
        assert_equal(found, expected, what, hint=hint)
    assert_equal(len(mine["left"]), len(theirs["left"]), "the number of backward calls")
    assert_equal(mine["grad"], theirs["grad"], "the gradient at the end", hint=hint)
    assert_equal(mine["losses"], theirs["losses"], "the list of returned losses")
    hint = "What comes with a batch is the caller's: no value and no `requires_grad` of it changes."
    assert_equal(mine["changed"], [], "the list of batches that were changed", hint=hint)
    assert_world_untouched(student, lambda: train(student, reference, rng, sizes=(3,)), "fine_tune")


@pytest.mark.points(1)
def test_all_together(student, reference, rng):
    """The three together: a frozen network with a new head learns two Gaussian clouds, and its backbone stays."""
    batches = clouds(rng, (12, 7))
    mine, theirs = (
        code.beside.everything(code.freeze, code.parameter_groups, code.fine_tune, model, batches)
        for code, model in both(student, reference, rng)
    )
    for key, what in (
        ("losses", "the list of returned losses"),
        ("state", "the model's state dict"),
        ("training", "the model's modes"),
    ):
        assert_equal(mine[key], theirs[key], what, asked="freeze, parameter_groups, fine_tune: ")
