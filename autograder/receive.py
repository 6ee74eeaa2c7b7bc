"""What was handed in, wherever it comes from: a download that is recognised, a plain folder, or one submission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from msgspec import structs

from autograder.errors import UsageError, did_you_mean
from autograder.language import spoken, tr, tr_n
from autograder.results.files import Gradebook
from autograder.sources.collect import FOLDER, collect, is_renamed_submission, with_expected_names
from autograder.sources.model import ClassList, Row
from autograder.sources.recognise import recognise
from autograder.sources.roster import Entry, with_roster
from autograder.sources.store import class_from_bytes, class_list, submissions_of
from autograder.submissions.find import find_submissions, ignored_entries
from autograder.submissions.model import Expected, Submission
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

    `several` is asked whose work is in what holds archives. `only` names the students that are wanted, beside whom
    those of the last run stay; without it, all are.

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
        names = [tr("Ignored, not a submission's: {names}", names=listed(download.ignored))] if download.ignored else []
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
                names.append(
                    tr("Ignored, neither a folder nor a .py, .ipynb or .zip file: {names}", names=listed(ignored))
                )
        submissions = with_expected_names(submissions, wanted, gradebook.folder)
        found = class_list("", assignment, submissions, gradebook.folder)
    if roster:
        found, strangers = with_roster(found, roster)
        absent = sum(row.attempts == 0 for row in found.students)
        told.append(tr("Roster: {count} people, {absent} handed in nothing", count=len(roster), absent=absent))
        if strangers:
            told.append(tr("Not on the roster, but graded: {names}", names=listed(strangers)))
    found = structs.replace(found, path=str(path.absolute()), language=spoken())
    return Received(_only(found, only, gradebook), gradebook.folder, told, names)


def _only(found: ClassList, only: Sequence[str], gradebook: Gradebook) -> ClassList:
    """The class without those who are neither wanted nor of the class that was graded before."""
    if not only:
        return found
    there = [row.student for row in found.students]
    for student in only:
        if student not in there:
            raise UsageError(f"--only {student}: there is no such student{did_you_mean(student, there)}.")
    last = gradebook.last_run()
    wanted = {*only, *(row.student for row in class_from_bytes(last[1]).students)} if last else {*only}
    rows = tuple(row for row in found.students if row.student in wanted)
    return structs.replace(found, students=rows)


def _title(row: Row) -> str:
    return row.group or " + ".join(member.name or member.id for member in row.members)


def _changed(pairs: Sequence[tuple[str, str]]) -> list[str]:
    lines = [
        "  " + tr("{student}: handed in as {before}", student=student, before=plain(before))
        for student, before in pairs
    ]
    return [tr("Names that had to be changed, to be safe and different as file names:"), *lines] if lines else []


def _counted(rows: Sequence[Row], ignored: int) -> str:
    groups = sum(len(row.members) > 1 or bool(row.group) for row in rows)
    parts = [
        tr_n("{count} group", "{count} groups", groups)
        if groups == len(rows)
        else tr_n("{count} student", "{count} students", len(rows))
    ]
    if any(row.late is not None for row in rows):
        parts.append(tr("{count} late", count=sum(row.late is True for row in rows)))
    if several := sum(row.attempts > 1 for row in rows):
        parts.append(tr("{count} with several attempts, of which the last counts", count=several))
    parts += [tr_n("{count} file ignored", "{count} files ignored", ignored)] if ignored else []
    return ", ".join(parts)
