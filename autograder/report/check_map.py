"""The map of students and checks. Checks side by side with one outcome are one cell: 500 students have 68,500 cells
otherwise, on which a browser works for seconds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby

from markupsafe import Markup

from autograder.language import tr
from autograder.report.people import People, Person
from autograder.results.model import ExerciseResult, Result, TestResult
from autograder.results.words import GRADED, NOT_STARTED, verdict

_STATES = {"failed": "f", "error": "e", "timeout": "t"}
"""Class of a cell by the check's status; report.css has its sign and its word."""


def columns(results: Sequence[Result]) -> dict[str, dict[str, str]]:
    """The titles of every exercise's checks by their names, those that only some results have included."""
    found: dict[str, dict[str, str]] = {}
    for result in results:
        for name, exercise in result.exercises.items():
            checks = found.setdefault(name, {})
            for test in exercise.tests:
                checks.setdefault(_name(test), test.title)
    return found


def check_map(
    results: Mapping[str, Result], checks: Mapping[str, Collection[str]], people: People
) -> list[tuple[Person, str, Markup]]:
    """A row for every student, by name: who, the total, and cells that hold nothing that a student wrote."""
    rows = []
    for student, result in results.items():
        (person,) = people.of([student])
        parts = [_exercise(result.exercises.get(name), checks[name]) for name in checks]
        rows.append((person, f"{result.score:g}", Markup("").join(parts)))
    return sorted(rows)


def _name(test: TestResult) -> str:
    return test.name.removeprefix("test_")


def _exercise(exercise: ExerciseResult | None, checks: Collection[str]) -> Markup:
    """The points, then the cells of one exercise, or one cell that says why there are none."""
    if exercise is None:
        return Markup("<td class=s><td class=u colspan={}>").format(len(checks) or 1)
    points = Markup("<td class=s>{:g}").format(exercise.score)
    what = verdict(exercise)
    if exercise.status != GRADED or what == NOT_STARTED or not checks:
        return points + Markup("<td class=none colspan={}>{}").format(len(checks) or 1, tr(what))
    tests = {_name(test): test for test in exercise.tests}
    states = groupby(_state(tests.get(check)) for check in checks)
    return points + Markup("").join(Markup("<td class={} colspan={}>").format(s, len(list(run))) for s, run in states)


def _state(test: TestResult | None) -> str:
    if test is None:
        return "u"
    if test.status == "passed":
        return "g" if test.score >= test.max_score else "w"
    return "p" if test.score > 0 else _STATES.get(test.status, "f")
