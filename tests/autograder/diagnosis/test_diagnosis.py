"""Diagnosis names what code does, whatever the style, and nothing that is not so. Through the real boundary.

`rewritten/` holds known mistakes in another style than the bank's, `pairs/` files with two slips (named in the file's
name), `unknown/` wrong implementations that are no mistake of the bank.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.course.assignment import load_assignment
from autograder.course.layout import Layout
from autograder.course.suites import suite_hash
from autograder.grading.batch import Batch, Done
from autograder.grading.process import Setup, Trial
from autograder.sandbox.launcher import Zygote
from autograder.verify.trials import implementations

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SEED = 3
# Swapping the forget and input gates' packing, and swapping their use, is one and the same function.
# Where only one of the two summands is strided, the same sum fails in the same words.
TWINS = {
    "order_figo": "gates_swapped_in_update",
    "gates_swapped_in_update": "order_figo",
    "proj_without_stride": "stride_only_in_shortcut",
    "stride_only_in_shortcut": "proj_without_stride",
}


def files(kind: str) -> list[str]:
    return sorted(str(path.relative_to(HERE)) for path in (HERE / kind).glob("*/*.py"))


RIGHT = {
    entry.label: entry
    for entry in implementations(
        Layout(ROOT, "core"), load_assignment(ROOT, "core").exercise_names, ("solution", "alternative")
    )
}


@pytest.fixture(scope="module")
def named() -> dict[str, set[str]]:
    """The mistakes that diagnosis names, by file or label."""
    layout, assignment = Layout(ROOT, "core"), load_assignment(ROOT, "core")
    trials = [Trial(label, entry.exercise, entry.text, SEED) for label, entry in RIGHT.items()]
    for name in files("rewritten") + files("pairs") + files("unknown"):
        trials.append(Trial(name, Path(name).parent.name, (HERE / name).read_text(encoding="utf-8"), SEED))
    with Zygote() as zygote:
        setup = Setup(str(ROOT), "core", suite_hash(layout), SEED, zygote.report().level, diagnosis=True)
        events = list(Batch(zygote, assignment, setup, os.cpu_count() or 1).events(trials))
    done = [event for event in events if isinstance(event, Done)]
    faults = [event.answer.fault for event in done if event.answer.tried is None]
    assert faults == []
    return {event.task.label: {found.mistake for found in event.answer.tried.diagnosis} for event in done}


def with_twins(names: set[str]) -> set[str]:
    return names | {TWINS[name] for name in names if name in TWINS}


@pytest.mark.parametrize("exercise", load_assignment(ROOT, "core").exercise_names)
def test_there_are_rewritten_mistakes_enough(exercise):
    assert len([name for name in files("rewritten") if Path(name).parent.name == exercise]) >= 2


def test_rewritten_mistakes_are_recognised(named):
    right = [name for name in files("rewritten") if Path(name).stem in named[name]]
    missed = sorted(set(files("rewritten")) - set(right))
    share = 100 * len(right) / len(files("rewritten"))
    assert share >= 90, f"{share:.0f} % of the rewritten mistakes are named rightly; not {missed}"


@pytest.mark.parametrize("name", files("rewritten"))
def test_rewritten_mistakes_are_never_taken_for_others(named, name):
    assert named[name] <= with_twins({Path(name).stem})


@pytest.mark.parametrize("label", RIGHT)
def test_right_ones_have_no_diagnosis(named, label):
    assert named[label] == set()


@pytest.mark.parametrize("name", files("pairs"))
def test_of_two_slips_nothing_else_is_named(named, name):
    assert named[name] <= with_twins(set(Path(name).stem.split("+")))


@pytest.mark.parametrize("name", files("unknown"))
def test_unknown_mistakes_have_no_diagnosis(named, name):
    assert named[name] == set()
