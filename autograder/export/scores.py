"""A table of marks with the columns of Gradescope's "Download Grades", for every system without a sheet of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.export.marks import Entry
from autograder.policy.apply import decimal
from autograder.results.files import csv_bytes, not_a_formula
from autograder.results.model import Result

_COLUMNS = ("Name", "SID", "Email", "Sections", "Total Score", "Max Points", "Status")


def scores_csv(entries: Sequence[Entry], results: Mapping[str, Result]) -> bytes:
    """A row for each person, a column for each exercise after the totals."""
    first = next(iter(results.values()), None)
    exercises = list(first.exercises) if first else []
    heads = [
        f"{number}: {name} ({first.exercises[name].max_score:g} pts)" if first else name
        for number, name in enumerate(exercises, start=1)
    ]
    rows = []
    for entry in entries:
        member, result = entry.member, results.get(entry.student)
        who = [member.name or entry.student, member.id, member.email, member.section]
        status = "Missing" if entry.is_absent else "Ungraded" if entry.mark is None else "Graded"
        numbers = [decimal(entry.mark), decimal(entry.total), status]
        scores = [f"{result.exercises[name].score:g}" if result else "" for name in exercises]
        rows.append([*map(not_a_formula, who), *numbers, *scores])
    return csv_bytes((*_COLUMNS, *heads), rows)
