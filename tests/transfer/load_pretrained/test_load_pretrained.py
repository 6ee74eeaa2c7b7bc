"""Hidden suite of `load_pretrained`: what is copied, what is reported, and all that must not change.

What code says is compared as it stands; what must not change is looked at beside it, before and after, and compared
with what the solution leaves. Names and shapes of all kinds are asked in the first two checks; the others load a plain
network, so that a slip is lost where it belongs.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch

from autograder.suite import SubjectError, assert_equal, assert_world_untouched

WRAPPED = "module."


def sizes(rng):
    """Two layers of unequal width, never as wide as the image has channels."""
    return dict(zip(("width", "classes"), rng.distinct(4, 9, 2), strict=True)), rng.integer(1, 10**6)


def checkpoint(reference, size, rng, prefix="", make="network"):
    """Other values for a network of this size, under names with the prefix."""
    made = getattr(reference.beside, make)(**size, seed=rng.integer(1, 10**6))
    return {prefix + name: value for name, value in reference.beside.values(made).items()}


def partly_wrapped(given, rng):
    """A prefix on some names."""
    chosen = rng.integer(0, 1)
    return {(WRAPPED if i % 2 == chosen else "") + name: value for i, (name, value) in enumerate(given.items())}


def with_strangers(given):
    """Names that the model does not have, first, in the middle and last; one is a buffer that is not saved."""
    names = list(given)
    middle = names[len(names) // 2]
    mixed: dict[str, Any] = {"module.optimizer_step": torch.tensor(3)}
    for name, value in given.items():
        mixed[name] = value
        if name == middle:
            mixed["cache"] = value
    return {**mixed, "module.head.scale": torch.ones(2), "epoch": torch.tensor(1.0)}


def misshapen(given, width, classes):
    """Shapes that a copy would broadcast, reshape, or cut."""
    return {
        **given,
        "encoder.weight": given["encoder.weight"].mT,
        "norm.weight": torch.ones(1, dtype=torch.float64),
        "norm.num_batches_tracked": torch.tensor([5]),
        "head.weight": torch.ones(classes + 2, width + 1),
        "head.bias": given["head.bias"][None],
    }


def wrapped_backwards(given):
    """All names with the prefix, in another order than the model's."""
    return {WRAPPED + name: value for name, value in reversed(given.items())}


def copied(given):
    """For each who loads: what the one does to a checkpoint does not reach the other."""
    return {name: value.clone() for name, value in given.items()}


def without(given, *names):
    return {name: value for name, value in given.items() if name not in names}


def cases(reference, size, rng):
    """Checkpoints by what they are: each with something else that fits or does not."""
    given = checkpoint(reference, size, rng)
    wrapped = checkpoint(reference, size, rng, WRAPPED)
    wrapped["module.encoder.bias"][0] = -torch.inf
    reverse = dict(reversed(given.items()))
    counter = "norm.num_batches_tracked"
    left_out = ("encoder.bias", "norm.running_var", "head.weight", "scale")
    return {
        "all names begin with module.": wrapped,
        "no name begins with module.": given,
        "some names begin with module.": partly_wrapped(given, rng),
        "a weight, a statistic and a buffer are missing": without(given, *left_out),
        "other names are there, too, in another order": with_strangers(reverse),
        "some shapes differ": wrapped_backwards(misshapen(given, **size)),
        "one weight fits, and nothing else is there": {"module.head.bias": given["head.bias"]},
        "one counter fits, and nothing else is there": {counter: given[counter]},
    }


def report_hint(mine, theirs):
    """Where to look, by how the lists differ from the solution's; nothing for what is no report."""
    keys = ("loaded", "missing", "mismatched")
    if not isinstance(mine, dict) or not all(isinstance(mine.get(key), list) for key in theirs):
        return None
    named, own = ([name for key in keys for name in report[key]] for report in (mine, theirs))
    if not all(isinstance(name, str) for name in [*named, *mine["unexpected"]]):
        return None
    if set(own) - set(named) and set(named) - set(own):
        return "The first three lists hold names of the model, without prefix; `unexpected` those of the checkpoint."
    if set(own) - set(named):
        return (
            "Your first three lists leave out a name of `model.state_dict()`. Print its names: buffers such as "
            "statistics and counters are among them, and both names of a shared weight."
        )
    if set(named) - set(own):
        return (
            "Your first three lists hold a name that `model.state_dict()` does not have. Print its names: a buffer "
            "with persistent=False is not among them."
        )
    if any(len(set(mine[key])) < len(mine[key]) for key in theirs):
        return "One of your lists holds a name twice. Does each call begin with lists of its own?"
    if len(named) != len(own):
        return "A name is in one list only. A name with another shape is not missing."
    if set(mine["missing"]) != set(theirs["missing"]):
        return (
            "Print each name of the checkpoint before and after the prefix comes off: the one that is asked for, "
            "whole, at the start, and once."
        )
    if set(mine["loaded"]) != set(theirs["loaded"]):
        return (
            "Print both shapes of each name in `loaded`: they are equal. As many numbers are not enough, nor is what "
            "a copy would broadcast."
        )
    if set(mine["unexpected"]) != set(theirs["unexpected"]):
        return "`unexpected` holds the checkpoint's own names, as they stand there, of what the model does not have."
    return "The first three lists are in the order of the model, `unexpected` in the checkpoint's."


COPIED = "What fits is copied into the tensors that the model has: print one before and after the call."


def assert_loaded(
    student,
    reference,
    asked,
    given,
    size,
    seed,
    what=("report", "values"),
    make="network",
    hint=COPIED,
    **options,
):
    """The report and all values of the model are the solution's."""
    found = []
    for code in (student, reference):
        model = getattr(code.beside, make)(**size, seed=seed)
        try:
            found.append(code.beside.load(code.load_pretrained, model, given, **options))
        except SubjectError as error:
            error.asked = f"load_pretrained where {asked}"
            raise
    mine, theirs = found
    if "report" in what:
        told = report_hint(mine["report"], theirs["report"])
        assert_equal(mine["report"], theirs["report"], "the returned report", asked=f"where {asked}: ", hint=told)
    if "values" in what:
        rest = [*theirs["report"]["missing"], *theirs["report"]["mismatched"]]
        assert_equal(
            {name: mine["values"].get(name) for name in rest},
            {name: theirs["values"][name] for name in rest},
            "the model's state dict",
            asked=f"where {asked}: ",
            hint="What is missing, or has another shape, keeps the values that the model had.",
        )
        assert_equal(mine["values"], theirs["values"], "the model's state dict", asked=f"where {asked}: ", hint=hint)


@pytest.mark.points(4, again=3)
def test_report(student, reference, rng):
    """The report: what was loaded, what is missing, unexpected or mismatched, by which names and in which order."""
    size, seed = sizes(rng)
    for asked, given in cases(reference, size, rng).items():
        assert_loaded(student, reference, asked, given, size, seed, what=("report",))
    given = checkpoint(reference, size, rng, make="tied")
    assert_loaded(student, reference, "two layers share a weight", given, size, seed, ("report",), "tied")


@pytest.mark.points(4, again=3)
def test_values(student, reference, rng):
    """Values: parameters, statistics and counters that fit are copied, all others stay as they were."""
    size, seed = sizes(rng)
    for asked, given in cases(reference, size, rng).items():
        assert_loaded(student, reference, asked, given, size, seed, what=("values",))
    given = checkpoint(reference, size, rng, make="tied")
    assert_loaded(student, reference, "two layers share a weight", given, size, seed, ("values",), "tied")
    given = checkpoint(reference, size, rng, "net.", make="plain")
    assert_loaded(student, reference, 'prefix="net."', given, size, seed, ("values",), "plain", prefix="net.")


@pytest.mark.points(3)
def test_prefix(student, reference, rng):
    """The prefix is the one that is asked for, and it is taken off at the start of a name, once."""
    size, seed = sizes(rng)
    other, bare = rng.word() + ".", rng.word() + "_"
    bias = torch.ones(size["classes"], dtype=torch.float64)
    more = {"module.head.more": torch.ones(2), f"module.{other}head.more": torch.ones(2)}
    twice = {"module.module.head.bias": bias, "module.norm.bias": torch.ones(size["width"], dtype=torch.float64)}
    inside = {"head.module.bias": bias, "module.norm.bias": torch.ones(size["width"], dtype=torch.float64)}
    plain = checkpoint(reference, size, rng, make="plain")
    untouched = {**without(plain, "norm.bias"), "module.norm.bias": plain["norm.bias"]}
    for asked, given, options in (
        (f'prefix="{bare}"', checkpoint(reference, size, rng, bare, "plain"), {"prefix": bare}),
        ('prefix="", and one name begins with module.', untouched, {"prefix": ""}),
        (
            f'prefix="{other}", two names begin with module.',
            {**checkpoint(reference, size, rng, other, "plain"), **more},
            {"prefix": other},
        ),
        ("one name begins with module.module.", twice, {}),
        ("module. stands inside of a name that the model does not have", inside, {}),
    ):
        assert_loaded(student, reference, asked, given, size, seed, ("report",), "plain", **options)


@pytest.mark.points(3)
def test_dtype_and_device(student, reference, rng):
    """The model's tensors keep their dtype and device, whatever the checkpoint's are."""
    size, seed = sizes(rng)
    for dtype in (torch.float64, torch.float32, torch.bfloat16, torch.int64):
        given = {name: (8 * value).to(dtype) for name, value in checkpoint(reference, size, rng, make="plain").items()}
        asked = f"layers of several dtypes, and a checkpoint in {str(dtype).removeprefix('torch.')}"
        hint = (
            "The checkpoint's values are converted to the model's dtype, never the model to theirs. Is there a line "
            "that calls `to` on the model, or puts another tensor in place of its own?"
        )
        assert_loaded(student, reference, asked, given, size, seed, ("values",), "mixed", hint)
    found = []
    given = checkpoint(reference, size, rng, make="plain")
    for code in (student, reference):
        model = code.beside.on_meta(**size)
        code.load_pretrained(model, given)
        found.append({name: str(value.device) for name, value in code.beside.values(model).items()})
    hint = "The model stays where it is. Which line moves it, or makes memory for it elsewhere?"
    assert_equal(
        found[0], found[1], "the device of the model's tensors", asked="a model on the device meta: ", hint=hint
    )


@pytest.mark.points(3)
def test_same_parameters(student, reference, rng):
    """Parameters stay the same objects, which an optimizer goes on moving; flags, gradients, modes and hooks stay."""
    size, seed = sizes(rng)
    given = checkpoint(reference, size, rng, WRAPPED, "plain")
    model = student.beside.plain(**size, seed=seed)
    assert_world_untouched(student, lambda: student.load_pretrained(model, copied(given)), "load_pretrained")
    found = [
        code.beside.while_training(code.load_pretrained, code.beside.plain(**size, seed=seed), copied(given))
        for code in (student, reference)
    ]
    hints = {
        "loaded": "`first` is frozen, and `norm` is in evaluation mode: both are loaded like all others.",
        "same objects": "The optimizer holds the Parameters that were there. Which objects does the model hold now?",
        "after the next step": "The optimizer that was made before goes on with the Parameters that it holds.",
    }
    words = {
        "same objects": "the list of parameters that are the same objects as before",
        "around": "what the model has besides values",
        "loaded": "the model's state dict",
        "after the next step": "the model's state dict after the optimizer's next step",
        "momentum": "the optimizer's momentum",
        "tensor hooks": "the number of calls of a hook on `head.weight`",
    }
    for key, what in words.items():
        assert_equal(found[0][key], found[1][key], what, hint=hints.get(key))


@pytest.mark.points(3)
def test_checkpoint_stays(student, reference, rng):
    """The checkpoint keeps its names and values, and has memory of its own."""
    size, seed = sizes(rng)
    given = with_strangers(checkpoint(reference, size, rng, make="plain"))
    found = [
        code.beside.apart(code.load_pretrained, code.beside.plain(**size, seed=seed), given)
        for code in (student, reference)
    ]
    caller, shared = "The caller may need it once more.", "What is trained in the one changes the other."
    copy = "A checkpoint's Parameter needs a gradient. Only its values are copied, without autograd."
    for key, what, hint in (
        ("names", "the checkpoint's list of names after the call", caller),
        ("same objects", "the list of the checkpoint's tensors that are the same objects after the call", caller),
        ("requires_grad", "`requires_grad` of the checkpoint's tensors", caller),
        ("after the call", "the checkpoint after the call", caller),
        ("attached", "the list of the model's buffers that need a gradient", copy),
        ("after the model has changed", "the checkpoint after a change of the model's weights", shared),
        (
            "the model after the checkpoint has changed",
            "the model's values after a change of the checkpoint",
            shared,
        ),
    ):
        assert_equal(found[0][key], found[1][key], what, hint=hint)


@pytest.mark.form
@pytest.mark.points(3)
def test_nothing_fits(student, reference, rng):
    """If nothing at all fits, ValueError is raised, and the model is as it was; if something fits, it is not."""
    size, seed = sizes(rng)
    given = {name: value.float() for name, value in checkpoint(reference, size, rng, make="plain").items()}
    little = {WRAPPED + "head.bias": given["head.bias"], "norm.bias": given["norm.bias"]}
    for asked, wrong, options in (
        ("names begin with another prefix", {f"net.{name}": value for name, value in given.items()}, {}),
        ("the prefix is not taken off", {WRAPPED + name: value for name, value in given.items()}, {"prefix": "net."}),
        ("all shapes differ", {name: value[None] for name, value in given.items()}, {}),
        ("the checkpoint is empty", {}, {}),
        ("two biases fit, and nothing else is there", little, {}),
    ):
        mine, theirs = (
            code.beside.refused(code.load_pretrained, code.beside.plain(**size, seed=seed), wrong, **options)
            for code in (student, reference)
        )
        hint = "Whether it is raised depends on one thing alone: whether `loaded` is empty."
        assert_equal(mine["raised"], theirs["raised"], "the error that is raised", asked=f"{asked}: ", hint=hint)
        if wrong is not little:
            hint = "Look first, then change the model."
            assert_equal(mine["values"], theirs["values"], "the model's state dict", asked=f"{asked}: ", hint=hint)
            assert_equal(mine["around"], theirs["around"], "what the model has besides values", hint=hint)
