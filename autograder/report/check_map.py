"""The map of students and checks. Checks side by side with one outcome are one cell: 500 students have 68,500 cells
otherwise, on which a browser works for seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from autograder.language import tr
from autograder.report.people import People, Person
from autograder.results.model import ExerciseResult, Result, TestResult
from autograder.results.words import GRADED, NOT_STARTED, verdict

_STATES = {"failed": "f", "error": "e", "timeout": "t"}
"""Class of a cell by the check's status; report.css has its sign and its word."""


@dataclass(frozen=True)
class Check:
    """A column."""

    name: str
    title: str


@dataclass(frozen=True)
class MapRow:
    """A student: who, and cells that hold nothing that a student wrote."""

    person: Person
    total: str
    cells: Markup


def columns(results: Sequence[Result]) -> dict[str, list[Check]]:
    """The checks of every exercise, those that only some results have included."""
    found: dict[str, dict[str, Check]] = {}
    for result in results:
        for name, exercise in result.exercises.items():
            checks = found.setdefault(name, {})
            for test in exercise.tests:
                if test.name not in checks:
                    checks[test.name] = Check(test.name.removeprefix("test_"), test.title)
    return {name: list(checks.values()) for name, checks in found.items()}


def check_map(results: Mapping[str, Result], checks: Mapping[str, Sequence[Check]], people: People) -> list[MapRow]:
    """A row for every student of the class, by name."""
    rows = []
    for student, result in results.items():
        (person,) = people.of([student])
        parts = [_exercise(result.exercises.get(name), checks[name]) for name in checks]
        rows.append(MapRow(person, f"{result.score:g}", Markup("").join(parts)))
    return sorted(rows, key=lambda row: row.person)


def _exercise(exercise: ExerciseResult | None, checks: Sequence[Check]) -> Markup:
    """The points, then the cells of one exercise, or one cell that says why there are none."""
    if exercise is None:
        return Markup("<td class=s><td class=u colspan={}>").format(len(checks) or 1)
    points = Markup("<td class=s>{:g}").format(exercise.score)
    what = verdict(exercise)
    if exercise.status != GRADED or what == NOT_STARTED or not checks:
        return points + Markup("<td class=none colspan={}>{}").format(len(checks) or 1, tr(what))
    tests = {test.name.removeprefix("test_"): test for test in exercise.tests}
    states = groupby(_state(tests.get(check.name)) for check in checks)
    return points + Markup("").join(Markup("<td class={} colspan={}>").format(s, len(list(run))) for s, run in states)


def _state(test: TestResult | None) -> str:
    if test is None:
        return "u"
    if test.status == "passed":
        return "g" if test.score >= test.max_score else "w"
    return "p" if test.score > 0 else _STATES.get(test.status, "f")
