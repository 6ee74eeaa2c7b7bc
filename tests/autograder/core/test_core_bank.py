"""The suites of all assignments against all that is in their banks, and what students read about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.course.assignment import load_assignment
from autograder.course.layout import Layout, assignment_names
from autograder.verify.matrix import FOR_NOTHING, LEAST, MOST
from autograder.verify.trials import implementations

ROOT = Path(__file__).resolve().parents[3]
KINDS = ("solution", "alternative", "mistake", "hollow", "stub")
EXERCISES = {name: load_assignment(ROOT, name).exercise_names for name in assignment_names(ROOT)}
ENTRIES = {
    entry.label: entry
    for assignment, exercises in EXERCISES.items()
    for entry in implementations(Layout(ROOT, assignment), exercises, KINDS)
}


def of(*kinds: str) -> list[str]:
    return [label for label, entry in ENTRIES.items() if entry.kind in kinds]


@pytest.fixture
def results(bank_results):
    """Every implementation's result by label."""
    return bank_results


@pytest.mark.parametrize("label", of("solution", "alternative"))
def test_right_ones_get_full_marks(results, label):
    result = results[label]
    lost = {test.name: test.message for test in result.tests if test.status != "passed"}
    assert (result.status, result.score, lost) == ("graded", result.max_score, {})


@pytest.mark.parametrize("label", of("mistake"))
def test_mistakes_lose_points(results, label):
    assert results[label].score < results[label].max_score


@pytest.mark.parametrize("label", of("mistake"))
def test_one_slip_costs_some_of_the_points_and_not_most_of_them(results, label):
    cost = 1 - results[label].score / results[label].max_score
    most = 1 if ENTRIES[label].costs_more else MOST
    assert LEAST <= round(cost, 3) <= most


@pytest.mark.parametrize("label", of("hollow"))
def test_what_computes_nothing_gets_next_to_nothing(results, label):
    assert results[label].score <= FOR_NOTHING * results[label].max_score


@pytest.mark.parametrize("exercise", [name for exercises in EXERCISES.values() for name in exercises])
def test_something_that_computes_nothing_is_tried(exercise):
    hollow = {entry.name for entry in ENTRIES.values() if (entry.exercise, entry.kind) == (exercise, "hollow")}
    assert hollow


@pytest.mark.parametrize("label", of("stub"))
def test_the_untouched_stub_gets_nothing(results, label):
    result = results[label]
    assert result.score == 0
    assert {test.status for test in result.tests} == {"error"}


@pytest.mark.parametrize("exercise", EXERCISES["core"])
def test_there_are_mistakes_and_alternatives_enough(exercise):
    kinds = [entry.kind for entry in ENTRIES.values() if entry.exercise == exercise]
    wanted = 30 if exercise in ("residual_block", "lstm_cell") else 15
    assert kinds.count("mistake") >= wanted
    assert kinds.count("alternative") >= 5


QUANTITY = re.compile(
    r"output|gradient|statistic|buffer|parameter|\binput\b|\bstate\b|norm\b|shape|head|layer|backbone|call|returns?|"
    r"raised|weight|bias|gate|model|object|turns|`[\w.]+`|\bw\b|\bh\b|\bc\b",
)
FORBIDDEN = re.compile(
    r"/\w+/|\btest_\w+\.py|\bsolutions?/|\btensor\(\[|^\s*assert |\bdef test_|<\w+ object at", re.MULTILINE
)


@pytest.mark.parametrize("label", of("mistake"))
def test_messages_name_what_differs(results, label):
    messages = [test.message for test in results[label].tests if test.status != "passed"]
    assert [message for message in messages if not QUANTITY.search(message)] == []
    vague = [message for message in messages if message.startswith(("This check failed", "The check could not go on"))]
    assert vague == []


@pytest.mark.parametrize("label", of("mistake"))
def test_messages_about_shapes_give_both(results, label):
    messages = [test.message for test in results[label].tests if " has shape " in test.message]
    both = re.compile(r"has shape (\(.*?\)).*expected (\(.*?\))", re.DOTALL)
    assert [message for message in messages if not both.search(message)] == []


@pytest.mark.parametrize("label", of("mistake", "stub"))
def test_messages_keep_the_suite_to_themselves(results, label):
    messages = [test.message for test in results[label].tests]
    assert [message for message in messages if FORBIDDEN.search(message)] == []
