"""Makes OUT/report.html of what lies in OUT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.pages.page import page
from autograder.policy.apply import LATE, LATE_COLUMNS, read_results, read_table
from autograder.questions.diff import Change, Run
from autograder.report.changes import note_changes, read_changes
from autograder.report.people import People
from autograder.report.view import view
from autograder.results.model import Result
from autograder.results.whole import write_whole
from autograder.sources.model import ClassList
from autograder.sources.store import read_class

PAGE = "report.html"


def report_of_run(out: Path) -> Path:
    """At the end of a run: what it changed, and the page. Raises UsageError and OSError."""
    found = read_class(out)
    results = read_results(out, found)
    note_changes(out, Run({row.student: row.digest for row in found.students}, results))
    return _write(out, found, results)


def write_report(out: Path, anonymous: bool = False) -> Path:
    """Write OUT/report.html; its path. Raises UsageError where `out` is not a folder of results."""
    found = read_class(out)
    return _write(out, found, read_results(out, found), anonymous)


def _write(out: Path, found: ClassList, results: Mapping[str, Result], anonymous: bool = False) -> Path:
    pages = {
        row.student: f"feedback/{row.student}.html"
        for row in found.students
        if (out / "feedback" / f"{row.student}.html").is_file()
    }
    write_whole(out / PAGE, class_page(found, results, pages, _late(out), read_changes(out), anonymous))
    return out / PAGE


def class_page(
    found: ClassList,
    results: Mapping[str, Result],
    pages: Mapping[str, str],
    late: Sequence[Mapping[str, str]] | None = None,
    changes: Sequence[Change] | None = None,
    anonymous: bool = False,
) -> bytes:
    """The page. `pages` are those of students, by student, from the report's folder on."""
    people = People(found, pages, anonymous)
    return page("autograder.report", "report", anonymous=anonymous, **view(found, results, people, late, changes))


def _late(out: Path) -> list[dict[str, str]] | None:
    """Who was late, as `autograder policy` wrote it."""
    file = out / LATE
    if not file.is_file():
        return None
    return [row for row in read_table(file, LATE_COLUMNS, "run that again.") if row["units"] != "0"]
