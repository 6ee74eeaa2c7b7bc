"""The marks of a class: those that the policy made, where it was applied, else the scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from autograder.errors import UsageError
from autograder.policy.apply import MARK_COLUMNS, MARKS, NOTHING, class_marks, decimal, read_results, read_table
from autograder.policy.files import Written
from autograder.policy.rules import Rules
from autograder.sources.model import ClassList, Member
from autograder.sources.store import read_class
from autograder.submissions.names import same_name_key


@dataclass(frozen=True)
class Entry:
    """A person, and the mark to be entered, to a hundredth; None where none is."""

    student: str
    member: Member
    mark: Fraction | None
    total: Fraction
    raw: str
    is_absent: bool
    """Handed in nothing."""

    @property
    def ids(self) -> set[str]:
        """What an LMS may know the person by, besides the name."""
        known = (self.member.id, self.member.username, self.member.email)
        return {same_name_key(value) for value in known if value}


def read_marks(out: Path) -> tuple[ClassList, list[Entry], bool]:
    """The class, its marks, and whether they are the policy's. Raises UsageError where those are out of date."""
    found = read_class(out)
    scores = class_marks(found, read_results(out, found), Written(Rules(), None, (), (), (), ()), {})
    raw = [
        Entry(each.student, each.member, each.mark, each.total, decimal(each.raw), each.status == NOTHING)
        for each in scores
    ]
    file = out / MARKS
    if not file.is_file():
        return found, raw, False
    told = read_table(file, MARK_COLUMNS, f"run `autograder policy {out}` again; adjustments.csv changes marks.")
    if [(row["student"], row["id"], row["raw"]) for row in told] != [(e.student, e.member.id, e.raw) for e in raw]:
        raise UsageError(f"{file} is older than the results beside it: run `autograder policy {out}` again.")
    return found, [_entry(file, entry, row) for entry, row in zip(raw, told, strict=True)], True


def _entry(file: Path, entry: Entry, row: dict[str, str]) -> Entry:
    try:
        mark = Fraction(row["mark"]) if row["mark"] else None
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"{file}: the mark of {entry.student} is not a number.") from None
    return replace(entry, mark=mark)


def refuse_duplicates(entries: Sequence[Entry]) -> None:
    """Raise UsageError where one person has two marks."""
    seen: dict[str, str] = {}
    for entry in entries:
        number = same_name_key(entry.member.id)
        if number and entry.mark is not None and number in seen:
            raise UsageError(f"{entry.member.id} has two marks, as {seen[number]} and as {entry.student}: keep one.")
        seen[number] = entry.student
