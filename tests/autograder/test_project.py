"""One exercise of each kind, graded through the real boundary: a function of texts, a module, a training loop, a
function with a gradient of its own. Mistakes are caught and named, right answers get full marks.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autograder.batch.grader import Setup, Trial
from autograder.batch.graders import Batch, Done
from autograder.batch.ready import wrong_points
from autograder.course.assignment import load_assignment
from autograder.course.layout import Layout
from autograder.course.suites import suite_hash
from autograder.grading.suites import collect
from autograder.results.model import ExerciseResult
from autograder.sandbox.launcher import Zygote
from autograder.verify.matrix import LEAST, MOST
from autograder.verify.trials import implementations

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading is only tested on Linux")

LAYOUT = Layout(Path(__file__).parent / "project", "demo")
ASSIGNMENT = load_assignment(LAYOUT.root, LAYOUT.assignment)
ENTRIES = {
    entry.label: entry
    for entry in implementations(LAYOUT, ASSIGNMENT.exercise_names, ("solution", "alternative", "mistake", "stub"))
}


def of(*kinds: str) -> list[str]:
    return [label for label, entry in ENTRIES.items() if entry.kind in kinds]


@pytest.fixture(scope="module")
def results() -> dict[str, ExerciseResult]:
    """The result of each implementation, by label."""
    trials = [Trial(label, entry.exercise, entry.text, 3) for label, entry in ENTRIES.items()]
    with Zygote() as zygote:
        setup = Setup(str(LAYOUT.root), LAYOUT.assignment, suite_hash(LAYOUT), 3, zygote.report().level)
        events = list(Batch(zygote, ASSIGNMENT, setup, jobs=1).events(trials))
    answers = {event.task.label: event.answer for event in events if isinstance(event, Done)}
    assert {label: answer.fault for label, answer in answers.items() if answer.tried is None} == {}
    return {label: answer.tried for label, answer in answers.items()}


def test_points_add_up():
    suites = collect([LAYOUT.suite(name) for name in ASSIGNMENT.exercise_names])
    assert wrong_points(LAYOUT, ASSIGNMENT, suites) == []


@pytest.mark.parametrize("label", of("solution", "alternative"))
def test_right_ones_get_full_marks(results, label):
    lost = {test.name: test.message for test in results[label].tests if test.status != "passed"}
    assert lost == {}
    assert results[label].score == results[label].max_score


@pytest.mark.parametrize("label", of("mistake"))
def test_mistakes_are_caught_and_named(results, label):
    result = results[label]
    assert LEAST <= round(1 - result.score / result.max_score, 3) <= MOST
    assert [diagnosis.mistake for diagnosis in result.diagnosis] == [ENTRIES[label].name]


@pytest.mark.parametrize("label", of("stub"))
def test_stubs_get_nothing(results, label):
    assert results[label].score == 0
