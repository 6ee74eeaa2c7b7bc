"""What is true of every exercise of every assignment, asked once, through the real boundary.

With pytest-xdist and `-p tools.spread`, all that is asked of one exercise or assignment runs in one process, so that
nothing is graded twice.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from catalogue import ROOT, Exercise

from autograder.batch.grader import Setup, Trial
from autograder.batch.graders import Batch, Done
from autograder.course.assignment import load_assignment
from autograder.course.suites import suite_hash
from autograder.results.model import ExerciseResult
from autograder.sandbox.launcher import Zygote
from autograder.sandbox.vision import import_torchvision
from autograder.verify.trials import implementations

SEED = 3
# As in every process that runs students' files: before the first of them, which may leave anything behind.
import_torchvision()


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    with Zygote() as zygote:
        yield zygote


@pytest.fixture(scope="session")
def graded(zygote: Zygote) -> Callable[[Exercise], dict[str, ExerciseResult]]:
    """Results, with diagnosis, of what lies beside an exercise's suite: of what is right or computes nothing by label
    ("alternative/by_hand"), of what is wrong by folder and name ("rewritten/no_skip").
    """
    known: dict[Exercise, dict[str, ExerciseResult]] = {}

    def results(exercise: Exercise) -> dict[str, ExerciseResult]:
        if exercise not in known:
            known[exercise] = _grade_all(zygote, exercise)
        return known[exercise]

    return results


@pytest.fixture
def results(graded: Callable[[Exercise], dict[str, ExerciseResult]], exercise: Exercise) -> dict[str, ExerciseResult]:
    return graded(exercise)


def _grade_all(zygote: Zygote, exercise: Exercise) -> dict[str, ExerciseResult]:
    layout, assignment = exercise.layout, load_assignment(ROOT, exercise.assignment)
    texts = {
        f"{kind}/{path.stem}": path.read_text(encoding="utf-8")
        for kind in ("mistakes", "rewritten", "pairs", "unknown")
        for path in exercise.tried(kind)
    }
    # After what is wrong: nobody's marks depend on who came before, however far the answers got that are remembered.
    kinds = ("solution", "alternative", "hollow", "stub")
    texts |= {f"{entry.kind}/{entry.name}": entry.text for entry in implementations(layout, [exercise.name], kinds)}
    trials = [Trial(label, exercise.name, text, SEED) for label, text in texts.items()]
    setup = Setup(str(ROOT), exercise.assignment, suite_hash(layout), SEED, zygote.report().level, diagnosis=True)
    # Exercises are spread over the cores already.
    events = Batch(zygote, assignment, setup, jobs=1).events(trials)
    answers = {event.task.label: event.answer for event in events if isinstance(event, Done)}
    assert {label: answer.fault for label, answer in answers.items() if answer.tried is None} == {}
    return {label: answer.tried for label, answer in answers.items() if answer.tried is not None}
