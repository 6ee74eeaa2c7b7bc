"""`autograder diff OLD NEW`: whose marks moved, by how much, by which check, and why. Lowered marks come first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from autograder.language import tr
from autograder.policy.apply import read_results
from autograder.results.model import ExerciseResult, Result
from autograder.results.words import score, status_word
from autograder.sources.store import read_class


@dataclass(frozen=True)
class Change:
    """One student whose results differ, in points before and after."""

    student: str
    before: float | None
    after: float | None
    checks: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def moved(self) -> Fraction:
        """In points, exactly; 0 where only checks did."""
        return Fraction(str(self.after or 0)) - Fraction(str(self.before or 0))

    def lines(self) -> Iterator[str]:
        """What is said of it."""
        numbers = [f"{value:g}" if value is not None else tr("none") for value in (self.before, self.after)]
        sign = f" ({float(self.moved):+g})" if self.moved else ""
        yield f"{self.student}: {numbers[0]} -> {numbers[1]}{sign}; {', '.join(self.reasons)}"
        yield from (f"  {check}" for check in self.checks)


@dataclass(frozen=True)
class Run:
    """What one run left of each student: the digest of the submission, and the result of who could be graded."""

    digests: Mapping[str, str]
    results: Mapping[str, Result]


def read_run(out: Path) -> Run:
    """The run whose results lie in `out`. Raises UsageError."""
    found = read_class(out)
    return Run({row.student: row.digest for row in found.students}, read_results(out, found))


def differences(old: Run, new: Run) -> list[Change]:
    """Every student whose checks or marks differ, lowered marks first."""
    changes = []
    for student in sorted({*old.digests, *new.digests}):
        before, after = old.results.get(student), new.results.get(student)
        told = (before.score if before else None), (after.score if after else None)
        reasons = tuple(_reasons(before, after, old.digests.get(student), new.digests.get(student)))
        change = Change(student, *told, tuple(_checks(before, after)), reasons)
        if change.checks or change.moved or (before is None) != (after is None):
            changes.append(change)
    return sorted(
        changes, key=lambda change: (change.moved >= 0, change.moved == 0, -abs(change.moved), change.student)
    )


def said(old: Run, new: Run, changes: list[Change]) -> str:
    """The head line."""
    students = len({*old.digests, *new.digests})
    lowered, raised = sum(change.moved < 0 for change in changes), sum(change.moved > 0 for change in changes)
    same = students - len(changes)
    other = len(changes) - lowered - raised
    return tr(
        "{students} students: {lowered} lowered, {raised} raised, {other} with other checks only, {same} the same",
        students=students,
        lowered=lowered,
        raised=raised,
        other=other,
        same=same,
    )


def _checks(before: Result | None, after: Result | None) -> Iterator[str]:
    """ "lstm_cell, test_packing: 2 -> 0 of 2 (passed -> failed)"."""
    if before is None or after is None:
        return
    for exercise in dict.fromkeys([*before.exercises, *after.exercises]):
        one, other = before.exercises.get(exercise), after.exercises.get(exercise)
        if one is None or other is None:
            yield f"{exercise}: {tr('new') if one is None else tr('no longer there')}"
            continue
        if one.status != other.status:
            yield f"{exercise}: {tr(status_word(one.status))} -> {tr(status_word(other.status))}"
        yield from _tests(exercise, one, other)


def _tests(exercise: str, before: ExerciseResult, after: ExerciseResult) -> Iterator[str]:
    olds, news = ({test.name: test for test in each.tests} for each in (before, after))
    for name in dict.fromkeys([*olds, *news]):
        one, other = olds.get(name), news.get(name)
        if one is None and other is not None:
            told = tr("new, {points}", points=score(other.score, other.max_score))
            yield f"{exercise}, {name}: {told} ({tr(other.status)})"
        elif other is None and one is not None:
            told = tr("no longer there, was {points}", points=score(one.score, one.max_score))
            yield f"{exercise}, {name}: {told}"
        elif one is not None and other is not None and (one.score, one.status) != (other.score, other.status):
            states = " -> ".join(dict.fromkeys(tr(each.status) for each in (one, other)))
            told = tr("{before:g} -> {after:g} of {most:g}", before=one.score, after=other.score, most=other.max_score)
            yield f"{exercise}, {name}: {told} ({states})"


def _reasons(before: Result | None, after: Result | None, old: str | None, new: str | None) -> Iterator[str]:
    if before is None or after is None:
        yield tr("graded only in the new run") if before is None else tr("not graded in the new run")
        return
    what_is_other = (
        (tr("another submission"), old != new),
        (tr("another suite"), before.suite != after.suite),
        (tr("another seed"), before.seed != after.seed),
        (tr("another isolation"), before.isolation != after.isolation),
    )
    reasons = [name for name, is_other in what_is_other if is_other]
    yield from reasons or [tr("same submission, suite and seed: another engine, or code that does not repeat itself")]
