"""`autograder diff OLD NEW`: whose marks moved, by how much, by which check, and why. Lowered marks come first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from autograder.policy.apply import read_results
from autograder.results.model import ExerciseResult, Result
from autograder.sources.store import read_class


@dataclass(frozen=True)
class Change:
    """One student whose results differ. `moved` is in points, 0 where only checks or messages did."""

    student: str
    before: float | None
    after: float | None
    moved: Fraction
    checks: tuple[str, ...]
    reasons: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """What is said of it."""
        numbers = [f"{value:g}" if value is not None else "none" for value in (self.before, self.after)]
        sign = f" ({float(self.moved):+g})" if self.moved else ""
        yield f"{self.student}: {numbers[0]} -> {numbers[1]}{sign}; {', '.join(self.reasons)}"
        yield from (f"  {check}" for check in self.checks)


def differences(old: Path, new: Path) -> list[Change]:
    """Every student whose checks or marks differ, lowered marks first. Raises UsageError."""
    lists = read_class(old), read_class(new)
    results = read_results(old, lists[0]), read_results(new, lists[1])
    digests = [{row.student: row.digest for row in each.students} for each in lists]
    changes = []
    for student in sorted({*digests[0], *digests[1]}):
        before, after = results[0].get(student), results[1].get(student)
        checks = tuple(_checks(before, after))
        moved = _points(after) - _points(before)
        if not checks and not moved and (before is None) == (after is None):
            continue
        told = (before.score if before else None), (after.score if after else None)
        reasons = tuple(_reasons(before, after, digests[0].get(student), digests[1].get(student)))
        changes.append(Change(student, *told, moved, checks, reasons))
    return sorted(
        changes, key=lambda change: (change.moved >= 0, change.moved == 0, -abs(change.moved), change.student)
    )


def said(old: Path, new: Path, changes: list[Change]) -> str:
    """The head line."""
    students = len({row.student for each in (old, new) for row in read_class(each).students})
    lowered, raised = sum(change.moved < 0 for change in changes), sum(change.moved > 0 for change in changes)
    same = students - len(changes)
    other = len(changes) - lowered - raised
    return f"{students} students: {lowered} lowered, {raised} raised, {other} with other checks only, {same} the same"


def _points(result: Result | None) -> Fraction:
    return Fraction(str(result.score)) if result is not None else Fraction(0)


def _checks(before: Result | None, after: Result | None) -> Iterator[str]:
    """ "lstm_cell, test_packing: 2 -> 0 of 2 (passed -> failed)"."""
    if before is None or after is None:
        return
    for exercise in dict.fromkeys([*before.exercises, *after.exercises]):
        one, other = before.exercises.get(exercise), after.exercises.get(exercise)
        if one is None or other is None:
            yield f"{exercise}: {'new' if one is None else 'no longer there'}"
            continue
        if one.status != other.status:
            yield f"{exercise}: {one.status} -> {other.status}"
        yield from _tests(exercise, one, other)


def _tests(exercise: str, before: ExerciseResult, after: ExerciseResult) -> Iterator[str]:
    olds, news = ({test.name: test for test in each.tests} for each in (before, after))
    for name in dict.fromkeys([*olds, *news]):
        one, other = olds.get(name), news.get(name)
        if one is None and other is not None:
            yield f"{exercise}, {name}: new, {other.score:g} of {other.max_score:g} ({other.status})"
        elif other is None and one is not None:
            yield f"{exercise}, {name}: no longer there, was {one.score:g} of {one.max_score:g}"
        elif one is not None and other is not None and (one.score, one.status) != (other.score, other.status):
            states = one.status if one.status == other.status else f"{one.status} -> {other.status}"
            yield f"{exercise}, {name}: {one.score:g} -> {other.score:g} of {other.max_score:g} ({states})"


def _reasons(before: Result | None, after: Result | None, old: str | None, new: str | None) -> Iterator[str]:
    if before is None or after is None:
        yield "graded only in the new run" if before is None else "not graded in the new run"
        return
    same = True
    for name, is_other in (
        ("another submission", old != new),
        ("another suite", before.suite != after.suite),
        ("another seed", before.seed != after.seed),
        ("another isolation", before.isolation != after.isolation),
    ):
        if is_other:
            same = False
            yield name
    if same:
        yield "same submission, suite and seed: another engine, or code that does not repeat itself"
