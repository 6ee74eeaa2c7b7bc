"""Writes results into the gradebook, and from there where people look for them.

Every file is written beside and renamed: it is whole or absent.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import os
import shutil
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

import msgspec
from msgspec import structs

from autograder.course.assignment import Assignment
from autograder.errors import UsageError
from autograder.language import tr
from autograder.results.database import ELSEWHERE, FILE, Database, DiskFullError, Kept
from autograder.results.feedback import feedback, traces
from autograder.results.html import instructor_html, student_html
from autograder.results.model import Failure, Result, Terms, result_of
from autograder.results.page import page_of
from autograder.results.whole import PART, require_writable, write_whole
from autograder.results.words import known_mistakes, remark
from autograder.submissions.model import Submission

_MOST_UNWRITTEN = 20
"""Results that are kept while the disk is full."""
_FOLDERS = ("results", "feedback", "instructor")


class Gradebook:
    """The folder that `autograder grade --out` names.

    It holds gradebook.db, and what is made from that: grades.csv, known_mistakes.csv, results/*.json, and a page for
    each student in feedback/ and in instructor/, as .md and as .html.
    """

    def __init__(self, folder: Path, assignment: Assignment) -> None:
        """Raises UsageError where another run is at work, and for what cannot be written: now, not after an hour."""
        self.folder, self._assignment = folder, assignment
        self.results: dict[str, Result | Failure] = {}
        self._kept: set[str] = set()
        self._unwritten: list[tuple[Submission, Result | Failure | None]] = []
        self._terms: Terms | None = None
        self._beginning: tuple[Terms, bytes, Collection[str]] | None = None
        policy, deadline = assignment.feedback.diagnosis, assignment.deadline
        past = deadline is not None and datetime.now(timezone.utc) > deadline.due
        self._tells_diagnosis = policy == "visible" or (policy == "after_due_date" and past)
        # Folders are made when there is something in them.
        for place in (folder, *(folder / name for name in _FOLDERS)):
            require_writable(place, f"{place} cannot be the folder for results", ELSEWHERE)
        self._database: Database | None = None
        if (folder / FILE).exists():
            self.claim()

    def close(self) -> None:
        """Let others write into the folder."""
        if self._database is not None:
            self._database.close()

    def claim(self) -> Database:
        """Make the folder, and keep other runs out of it. Raises UsageError."""
        if self._database is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._database = Database(self.folder / FILE)
            for place in (self.folder, *(self.folder / name for name in _FOLDERS)):
                for half in place.glob(f".*{PART}"):  # of a run that was killed
                    shutil.rmtree(half) if half.is_dir() else half.unlink()
        return self._database

    def last_run(self) -> tuple[Terms, bytes] | None:
        """Terms and class of the last run that graded this assignment here."""
        run = self._database.last_run() if self._database is not None else None
        return run if run is not None and run[0].assignment == self._assignment.name else None

    def begin(self, terms: Terms, class_list: bytes, forget: Collection[str] = ()) -> None:
        """What is added from now on is of this run; results of the submissions to `forget`, by digest, do not count.

        Nothing is written before there is something to add.
        """
        self._terms, self._beginning = terms, (terms, class_list, forget)

    def recall(self, submission: Submission) -> list[str]:
        """The exercises that are still to be graded under the run's terms; where there are none, write its files."""
        missing = list(self._assignment.exercise_names)
        if self._database is not None and self._terms is not None:
            kept = self._database.exercises(submission.digest, self._terms)
            missing = [name for name in missing if name not in kept]
        if not missing:
            self.add(submission)
        return missing

    def knows(self, submission: Submission) -> bool:
        """Count what is known of a submission, its result or why there is none; whether there is anything."""
        return not self.recall(submission) or self.recall_failure(submission)

    def recall_failure(self, submission: Submission) -> bool:
        """Count what is known of why it could not be graded, where that is known; whether it is."""
        if self._database is None or self._terms is None:
            return False
        reason = self._database.reason(submission.digest, self._terms)
        if reason:
            self.fail(Failure(submission.student, reason))
        return bool(reason)

    def add(self, submission: Submission, result: Result | Failure | None = None) -> None:
        """Put what a grader said of a submission into the gradebook, then write the files that are made from that.

        Where the disk is full, this is done later: a submission that filled it is ended meanwhile. Raises UsageError
        when too many had to be put off, and for whatever else is in the way.
        """
        self._unwritten.append((submission, result))
        try:
            self._catch_up()
        except DiskFullError:
            if len(self._unwritten) > _MOST_UNWRITTEN:
                raise

    def fail(self, failure: Failure) -> None:
        """Count a student without a result. Files of an earlier run would be taken for this one's."""
        self.results[failure.student] = failure
        for folder in _FOLDERS:
            for ending in ("json", "md", "html"):
                (self.folder / folder / f"{failure.student}.{ending}").unlink(missing_ok=True)

    def finish(self) -> None:
        """Put down what is left to be. Raises UsageError."""
        self._begun()
        self._catch_up()

    def _begun(self) -> Database:
        database = self.claim()
        if self._beginning is not None:
            database.begin(*self._beginning)
            self._beginning = None
        return database

    def _catch_up(self) -> None:
        while self._unwritten:
            submission, result = self._unwritten[0]
            database, terms = self._begun(), self._terms
            assert terms is not None
            if result is not None:
                database.add(submission.digest, terms, result)
            if isinstance(result, Failure):
                self.fail(result)
            else:
                kept = database.exercises(submission.digest, terms)
                if kept.keys() >= set(self._assignment.exercise_names):  # else the rest is still being graded
                    self._write_files(submission, kept, terms)
            del self._unwritten[0]

    def _write_files(self, submission: Submission, kept: Mapping[str, Kept], terms: Terms) -> None:
        student, assignment = submission.student, self._assignment
        notes = (*submission.notes, *kept[assignment.exercise_names[0]].notes)
        result = result_of(student, terms, {name: kept[name].result for name in assignment.exercise_names}, notes)
        formatted = msgspec.json.format(msgspec.json.encode(result), indent=2)
        self._write(f"results/{student}.json", formatted + b"\n")
        page = page_of(result, assignment)
        shown = page if self._tells_diagnosis else page_of(_without_diagnosis(result), assignment)
        self._write(f"feedback/{student}.md", feedback(shown).encode())
        self._write(f"feedback/{student}.html", student_html(shown))
        self._write(f"instructor/{student}.md", (feedback(page) + traces(result, assignment)).encode())
        self._write(f"instructor/{student}.html", instructor_html(page, result, assignment))
        self.results[student] = result

    def keep(self, student: str) -> bool:
        """Count the result of an earlier run as this student's, where there is one that fits; whether there is."""
        try:
            earlier = msgspec.json.decode((self.folder / f"results/{student}.json").read_bytes(), type=Result)
        except (OSError, msgspec.DecodeError):
            return False
        if earlier.student != student or tuple(earlier.exercises) != self._assignment.exercise_names:
            return False
        self.results[student] = earlier
        self._kept.add(student)
        return True

    def left_over(self) -> list[str]:
        """Students of an earlier run whose results still lie here, and who are not in this one."""
        there = sorted(file.stem for file in (self.folder / "results").glob("*.json"))
        return [student for student in there if student not in self.results]

    def write_grades(self) -> Path:
        """Write grades.csv with a row for each submission added so far, sorted by student; returns its path."""
        self.finish()
        table = grades_csv(self._assignment.exercise_names, self.results.values(), self._kept)
        return self._write("grades.csv", table)

    def write_known_mistakes(self) -> Path:
        """Write known_mistakes.csv with a row for each, the most common first; returns its path."""
        return self._write("known_mistakes.csv", known_mistakes_csv(self.results.values()))

    def _write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        with contextlib.suppress(OSError):
            if path.read_bytes() == content:  # replacing a file takes thirty times as long as reading it
                return path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else str(error)
            kind = DiskFullError if error.errno in (errno.ENOSPC, errno.EDQUOT) else UsageError
            raise kind(
                f"{path} cannot be written ({why}). What was graded before lies in {self.folder}; put that right and "
                "grade again, or choose another folder with --out (make: OUT=folder)"
            ) from error
        return path


def grades_csv(exercises: Sequence[str], results: Iterable[Result | Failure], kept: Collection[str] = ()) -> bytes:
    """The class as a table: student, one column per exercise, total, max, status. `kept` are of an earlier run."""
    rows = []
    for result in sorted(results, key=lambda result: result.student):
        name = not_a_formula(result.student)
        status = remark(result)
        if isinstance(result, Failure):
            rows.append([name, *[""] * len(exercises), "", "", status])
        else:
            points = [*(result.exercises[exercise].score for exercise in exercises), result.score, result.max_score]
            status += f"; {tr('from an earlier run')}" if result.student in kept else ""
            rows.append([name, *(f"{each:g}" for each in points), status])
    return csv_bytes(("student", *exercises, "total", "max", "status"), rows)


def known_mistakes_csv(results: Iterable[Result | Failure]) -> bytes:
    """What students' code behaves exactly like: exercise, mistake, how many students, and who."""
    return csv_bytes(
        ("exercise", "mistake", "count", "students"),
        (
            (each.exercise, each.title, len(each.students), not_a_formula("; ".join(each.students)))
            for each in known_mistakes(results)
        ),
    )


def _without_diagnosis(result: Result) -> Result:
    exercises = {name: structs.replace(exercise, diagnosis=()) for name, exercise in result.exercises.items()}
    return structs.replace(result, exercises=exercises)


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table for spreadsheets. Without its byte order mark, Excel takes UTF-8 for the encoding of its country."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return table.getvalue().encode("utf-8-sig")


def not_a_formula(text: str) -> str:
    """Spreadsheets run cells that begin like a formula; a folder's name must not."""
    # In the form that East Asian writing has for it, too: "＝".
    first = unicodedata.normalize("NFKC", text[:1])
    return f"'{text}" if first in ("=", "+", "-", "@", "\t") else text


def as_written(cell: str) -> str:
    """A cell as it was before `not_a_formula`."""
    return cell[1:] if cell.startswith("'") and not_a_formula(cell[1:]) == cell else cell
