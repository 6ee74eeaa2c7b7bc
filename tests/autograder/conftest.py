"""What several folders of tests share: their order, the results of the whole bank, and a small project."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from filelock import FileLock

from autograder.course.assignment import load_assignment
from autograder.course.layout import Layout, assignment_names
from autograder.course.suites import suite_hash
from autograder.grading.batch import Batch, Done
from autograder.grading.process import Setup, Trial
from autograder.results.model import ExerciseResult
from autograder.sandbox.launcher import Zygote
from autograder.verify.trials import implementations

_LONG = (
    "packaging/simulated",
    "hostile/test_full.py",
    "hostile/test_ordinary_user.py",
    "packaging/otter",
    "diagnosis",
    "hostile",
    "cli",
)
"""The longest first: files are spread over the cores as they come, and none is left to be waited for alone."""
_LAST = "core/test_core_bank.py"
"""Needs what `diagnosis` finds out, and would wait for it."""
_HERE = Path(__file__).parent
_SEED = 3


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _rank(item.path))


def _rank(path: Path) -> int:
    if _HERE not in path.parents:
        return len(_LONG)
    name = path.relative_to(_HERE).as_posix()
    if name == _LAST:
        return len(_LONG) + 1
    return next((rank for rank, long in enumerate(_LONG) if name == long or name.startswith(f"{long}/")), len(_LONG))


@pytest.fixture(scope="session")
def bank_results(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> dict[str, ExerciseResult]:
    """Results, with diagnosis, of all that is in the banks of all assignments, by label, and of the files beside the
    tests of diagnosis, by their path from there. Found out once, also by several processes.
    """
    if worker_id == "master":
        return _try_everything()
    shared = tmp_path_factory.getbasetemp().parent / "bank-results.json"
    with FileLock(shared.with_suffix(".lock")):
        if not shared.exists():
            shared.write_bytes(msgspec.json.encode(_try_everything()))
    return msgspec.json.decode(shared.read_bytes(), type=dict[str, ExerciseResult])


def _try_everything() -> dict[str, ExerciseResult]:
    root = _HERE.parents[1]
    results: dict[str, ExerciseResult] = {}
    with Zygote() as zygote:
        for assignment in assignment_names(root):
            tried = _try_assignment(zygote, root, assignment)
            assert not results.keys() & tried.keys()
            results |= tried
    return results


def _try_assignment(zygote: Zygote, root: Path, name: str) -> dict[str, ExerciseResult]:
    layout, assignment = Layout(root, name), load_assignment(root, name)
    exercises = assignment.exercise_names
    bank = implementations(layout, exercises, ("solution", "alternative", "mistake", "hollow", "stub"))
    trials = [Trial(entry.label, entry.exercise, entry.text, _SEED) for entry in bank]
    for kind in ("rewritten", "pairs", "unknown"):
        for path in sorted(layout.suites.glob(f"*/{kind}/*.py")):
            exercise = path.parents[1].name
            trials.append(Trial(f"{kind}/{exercise}/{path.name}", exercise, path.read_text(encoding="utf-8"), _SEED))
    trials = [trial for trial in trials if trial.exercise in exercises]
    # What the bank's mistakes answer is kept by exercise, so each exercise in one go.
    trials.sort(key=lambda trial: exercises.index(trial.exercise))
    setup = Setup(str(root), name, suite_hash(layout), _SEED, zygote.report().level, diagnosis=True)
    events = Batch(zygote, assignment, setup, os.cpu_count() or 1).events(trials)
    answers = {event.task.label: event.answer for event in events if isinstance(event, Done)}
    assert {label: answer.fault for label, answer in answers.items() if answer.tried is None} == {}
    return {label: answer.tried for label, answer in answers.items() if answer.tried is not None}


DOUBLE = """
from torch import nn


class Double(nn.Module):
    def forward(self, x):
        # BEGIN SOLUTION
        return 2 * x
        # END SOLUTION
"""
SHIFT = """
def shift(x):
    # BEGIN SOLUTION
    return x + 1
    # END SOLUTION
"""
DESCRIBED_DOUBLE = """
title = "Doubling"
points = 4
names = ["Double"]
forbidden = ["torch.nn.Bilinear"]
"""
DESCRIBED_SHIFT = """
title = "Shifting"
points = 1
names = ["shift"]
"""
TEST_DOUBLE = '''
import pytest

from autograder.suite import assert_same_gradients, assert_same_outputs


@pytest.mark.points(2)
def test_outputs(student, reference, rng):
    """Same outputs."""
    assert_same_outputs(student.Double(), reference.Double(), [rng.randn(rng.integer(2, 4), 3)])


@pytest.mark.points(1)
def test_gradients(student, reference, rng):
    """Same gradients."""
    assert_same_gradients(student.Double(), reference.Double(), [rng.randn(2, 3)])
'''
TEST_DOUBLE_PUBLIC = '''
import pytest
import torch


@pytest.mark.points(1)
def test_shape(student):
    """The shape stays."""
    shape = tuple(student.Double()(torch.zeros(2, 3)).shape)
    assert shape == (2, 3), f"the output has shape {shape}, expected (2, 3)"
'''
TEST_SHIFT = '''
import pytest

from autograder.suite import assert_close


@pytest.mark.points(1)
@pytest.mark.visibility("hidden")
def test_shift(student, reference, rng):
    """One is added."""
    x = rng.randn(3)
    assert_close(student.shift(x), reference.shift(x), "the result")
'''


@pytest.fixture(scope="session")
def demo_files() -> dict[str, str]:
    """A small project of two exercises, by path: all but its assignment.toml."""
    return {
        "solutions/demo/double.py": DOUBLE,
        "solutions/demo/shift.py": SHIFT,
        "tests/demo/double/exercise.toml": DESCRIBED_DOUBLE,
        "tests/demo/double/test_double.py": TEST_DOUBLE,
        "tests/demo/double/test_double_public.py": TEST_DOUBLE_PUBLIC,
        "tests/demo/shift/exercise.toml": DESCRIBED_SHIFT,
        "tests/demo/shift/test_shift.py": TEST_SHIFT,
    }
