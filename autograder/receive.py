"""What was handed in, wherever it comes from: a download that is recognised, a plain folder, or one submission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from msgspec import structs

from autograder.errors import UsageError, did_you_mean
from autograder.results.files import Gradebook
from autograder.sources import (
    ClassList,
    class_list,
    collect,
    recognise,
    submissions_of,
    with_expected_names,
    with_roster,
)
from autograder.sources.collect import FOLDER
from autograder.sources.model import Row
from autograder.sources.renamed import is_renamed_submission
from autograder.sources.roster import Entry
from autograder.submissions import Expected, Submission, find_submissions, ignored_entries
from autograder.submissions.names import listed, plain, safe_name
from autograder.submissions.people import People, people_at


@dataclass(frozen=True)
class Received:
    """A class that can be graded."""

    found: ClassList
    out: Path
    told: list[str]
    """What to say before grading."""
    names: list[str]
    """What to say after it: whose name had to be changed, and what is nobody's submission."""

    @property
    def submissions(self) -> list[Submission]:
        return submissions_of(self.found, self.out)


def receive(
    path: Path,
    assignment: str,
    expected: Sequence[Expected],
    gradebook: Gradebook,
    roster: Sequence[Entry] = (),
    several: People = people_at,
    only: Sequence[str] = (),
) -> Received:
    """Find all submissions; what an LMS named or packed lies afterwards in a folder of the gradebook's.

    `several` is asked whose work is in what holds archives. `only` names the students that are wanted; without it, all
    are.

    Raises UsageError where files could be several people's, and for all that is wrong with `path`.
    """
    wanted = {each.file for each in expected}
    told: list[str] = []
    rows: list[Row] = []
    if recognised := recognise(path, assignment):
        tree, download = recognised
        gradebook.claim()
        rows = collect(path, tree, download, wanted, gradebook.folder)
        source = download.source
        places = {row.student: row.path for row in rows}
        submissions = [
            replace(each, path=Path(places[each.student]))
            for each in find_submissions(gradebook.folder / FOLDER, expected, several)
        ]
        told.append(f"{source}: {_counted(rows, len(download.ignored))}")
        names = [f"Ignored, not a submission's: {listed(download.ignored)}"] if download.ignored else []
        names += _changed([(row.student, _title(row)) for row in rows if row.student != safe_name(_title(row))])
        found = class_list(source, assignment, submissions, gradebook.folder, rows)
    else:
        if is_renamed_submission(path, wanted):
            whole = path.absolute()
            submissions, names = [Submission(safe_name(whole.name), whole)], []
        else:
            submissions = find_submissions(path, expected, several)
            names = _changed([(each.student, each.handed_in_as) for each in submissions if each.handed_in_as])
            if ignored := ignored_entries(path, expected):
                names.append(f"Ignored, neither a folder nor a .py, .ipynb or .zip file: {listed(ignored)}")
        submissions, notes = with_expected_names(submissions, wanted, gradebook.folder)
        found = class_list("", assignment, submissions, gradebook.folder, notes=notes)
    if roster:
        found, strangers = with_roster(found, roster)
        absent = sum(row.attempts == 0 for row in found.students)
        told.append(f"Roster: {len(roster)} people, {absent} handed in nothing")
        if strangers:
            told.append(f"Not on the roster, but graded: {listed(strangers)}")
    found = structs.replace(found, path=str(path.absolute()))
    return Received(_only(found, only), gradebook.folder, told, names)


def _only(found: ClassList, only: Sequence[str]) -> ClassList:
    if not only:
        return found
    there = [row.student for row in found.students]
    for student in only:
        if student not in there:
            raise UsageError(f"--only {student}: there is no such student{did_you_mean(student, there)}.")
    rows = tuple(row for row in found.students if row.student in only)
    return structs.replace(found, students=rows)


def _title(row: Row) -> str:
    return row.group or " + ".join(member.name or member.id for member in row.members)


def _changed(pairs: Sequence[tuple[str, str]]) -> list[str]:
    lines = [f"  {student}: handed in as {plain(before)}" for student, before in pairs]
    return ["Names that had to be changed, to be safe and different as file names:", *lines] if lines else []


def _counted(rows: Sequence[Row], ignored: int) -> str:
    groups = sum(len(row.members) > 1 or bool(row.group) for row in rows)
    parts = [_number(len(rows), "group" if groups == len(rows) else "student")]
    if any(row.late is not None for row in rows):
        parts.append(f"{sum(row.late is True for row in rows)} late")
    if several := sum(row.attempts > 1 for row in rows):
        parts.append(f"{several} with several attempts, of which the last counts")
    parts += [f"{_number(ignored, 'file')} ignored"] if ignored else []
    return ", ".join(parts)


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
