"""Makes OUT/report.html of what lies in OUT."""

from __future__ import annotations

from pathlib import Path

from autograder.policy.apply import LATE, LATE_COLUMNS, read_results, read_table
from autograder.questions.diff import Run
from autograder.report.changes import note_changes, read_changes
from autograder.report.view import class_page
from autograder.results.whole import write_whole
from autograder.sources.store import read_class

PAGE = "report.html"


def write_report(out: Path, anonymous: bool = False, after_run: bool = False) -> Path:
    """Write OUT/report.html; its path. Raises UsageError where `out` is not a folder of results.

    `after_run`: a run came to its end, and what it changed is to be noted.
    """
    found = read_class(out)
    results = read_results(out, found)
    if after_run:
        note_changes(out, Run({row.student: row.digest for row in found.students}, results))
    there = {row.student: f"feedback/{row.student}.html" for row in found.students}
    pages = {student: page for student, page in there.items() if (out / page).is_file()}
    write_whole(out / PAGE, class_page(found, results, pages, _late(out), read_changes(out), anonymous))
    return out / PAGE


def _late(out: Path) -> list[dict[str, str]] | None:
    """Who was late, as `autograder policy` wrote it."""
    file = out / LATE
    if not file.is_file():
        return None
    return [row for row in read_table(file, LATE_COLUMNS, "run that again.") if row["units"] != "0"]
