"""The marks of a class: those that the policy made, where it was applied, else the scores. And a table of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from autograder.errors import UsageError
from autograder.policy.apply import MARK_COLUMNS, MARKS, NOTHING, Mark, class_marks, decimal, read_results, read_table
from autograder.policy.files import Written
from autograder.policy.rules import Rules
from autograder.results.files import csv_bytes, not_a_formula
from autograder.results.model import Result
from autograder.sources.model import ClassList
from autograder.sources.store import read_class

_COLUMNS = ("Name", "SID", "Email", "Sections", "Total Score", "Max Points", "Status")


def read_marks(out: Path) -> tuple[ClassList, list[Mark], bool]:
    """The class, its marks, and whether they are the policy's. Raises UsageError where those are out of date."""
    found = read_class(out)
    marks = class_marks(found, read_results(out, found), Written(Rules()), {})
    file = out / MARKS
    if not file.is_file():
        return found, marks, False
    told = read_table(file, MARK_COLUMNS, f"run `autograder policy {out}` again; adjustments.csv changes marks.")
    known = [(each.student, each.member.id, decimal(each.raw)) for each in marks]
    if [(row["student"], row["id"], row["raw"]) for row in told] != known:
        raise UsageError(f"{file} is older than the results beside it: run `autograder policy {out}` again.")
    return found, [_of_policy(file, mark, row["mark"]) for mark, row in zip(marks, told, strict=True)], True


def _of_policy(file: Path, mark: Mark, text: str) -> Mark:
    try:
        return replace(mark, mark=Fraction(text) if text else None)
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"{file}: the mark of {mark.student} is not a number.") from None


def scores_csv(marks: Sequence[Mark], results: Mapping[str, Result]) -> bytes:
    """A table with the columns of Gradescope's "Download Grades", for every system without a sheet of its own: a row
    for each person, a column for each exercise after the totals.
    """
    first = next(iter(results.values()), None)
    exercises = first.exercises if first else {}
    heads = [f"{number}: {name} ({each.max_score:g} pts)" for number, (name, each) in enumerate(exercises.items(), 1)]
    rows = []
    for mark in marks:
        member, result = mark.member, results.get(mark.student)
        who = [member.name or mark.student, member.id, member.email, member.section]
        status = "Missing" if mark.status == NOTHING else "Ungraded" if mark.mark is None else "Graded"
        numbers = [decimal(mark.mark), decimal(mark.total), status]
        scores = [f"{result.exercises[name].score:g}" if result else "" for name in exercises]
        rows.append([*map(not_a_formula, who), *numbers, *scores])
    return csv_bytes((*_COLUMNS, *heads), rows)
