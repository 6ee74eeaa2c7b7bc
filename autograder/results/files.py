"""Writes results where people look for them. Every file is written beside and renamed: it is whole or absent."""

from __future__ import annotations

import csv
import errno
import fcntl
import io
import os
import tempfile
import unicodedata
import weakref
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timezone
from pathlib import Path

import msgspec
from msgspec import structs

from autograder.course.assignment import Assignment
from autograder.errors import UsageError
from autograder.results.feedback import feedback, traces
from autograder.results.html import instructor_html, student_html
from autograder.results.model import Failure, Result
from autograder.results.page import page_of
from autograder.results.words import known_mistakes, remark

_MOST_UNWRITTEN = 20
"""Results that are kept while the disk is full."""
_FOLDERS = ("results", "feedback", "instructor")
_ENCODING = "utf-8-sig"
"""With a byte order mark: without it, Excel takes UTF-8 for the encoding of its country."""
_ELSEWHERE = "choose another with --out (make: OUT=folder)"


class DiskFullError(UsageError):
    """Results cannot be written for want of room."""


class Gradebook:
    """The folder that `autograder grade --out` names.

    It holds grades.csv, known_mistakes.csv, results/*.json, and a page for each student in feedback/ and in
    instructor/, as .md and as .html.
    """

    def __init__(self, folder: Path, assignment: Assignment) -> None:
        self.folder, self._assignment = folder, assignment
        self.results: dict[str, Result | Failure] = {}
        self._kept: set[str] = set()
        self._unwritten: list[Result] = []
        self._lock: int | None = None
        policy, deadline = assignment.feedback.diagnosis, assignment.deadline
        past = deadline is not None and datetime.now(timezone.utc) > deadline.due
        self._tells_diagnosis = policy == "visible" or (policy == "after_due_date" and past)
        self._refuse_what_cannot_be_written()

    def claim(self) -> None:
        """Make the folder, and keep other runs out of it. Raises UsageError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._keep_others_out()

    def add(self, result: Result | Failure) -> None:
        """Write one submission's files; what was there under the same name is replaced.

        Where the disk is full, they are written later: a submission that filled it is ended meanwhile. Raises
        UsageError when too many had to be put off, and for whatever else is in the way.
        """
        self.results[result.student] = result
        if isinstance(result, Result):
            self._unwritten.append(result)
            try:
                self._catch_up()
            except DiskFullError:
                if len(self._unwritten) > _MOST_UNWRITTEN:
                    raise

    def _catch_up(self) -> None:
        """Write what is left to write."""
        while self._unwritten:
            self._write_files(self._unwritten[0])
            del self._unwritten[0]

    def _write_files(self, result: Result) -> None:
        formatted = msgspec.json.format(msgspec.json.encode(result), indent=2)
        self._write(f"results/{result.student}.json", formatted + b"\n")
        assignment = self._assignment
        page = page_of(result, assignment)
        shown = page if self._tells_diagnosis else page_of(_without_diagnosis(result), assignment)
        self._write(f"feedback/{result.student}.md", feedback(shown).encode())
        self._write(f"feedback/{result.student}.html", student_html(shown))
        self._write(f"instructor/{result.student}.md", (feedback(page) + traces(result, assignment)).encode())
        self._write(f"instructor/{result.student}.html", instructor_html(page, result, assignment))

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
        self._catch_up()
        table = grades_csv(self._assignment.exercise_names, self.results.values(), self._kept)
        return self._write("grades.csv", table.encode(_ENCODING))

    def write_known_mistakes(self) -> Path:
        """Write known_mistakes.csv with a row for each, the most common first; returns its path."""
        return self._write("known_mistakes.csv", known_mistakes_csv(self.results.values()).encode(_ENCODING))

    def _refuse_what_cannot_be_written(self) -> None:
        """Raise UsageError now, not after the first student. Folders are made when there is something in them."""
        for folder in (self.folder, *(self.folder / name for name in _FOLDERS)):
            require_writable(folder, f"{folder} cannot be the folder for results", _ELSEWHERE)
        if self.folder.is_dir():
            self._keep_others_out()

    def _keep_others_out(self) -> None:
        """Raise UsageError while another run writes into the folder: the marks of two runs would be mixed."""
        if self._lock is not None:
            return
        try:
            self._lock = os.open(self.folder, os.O_RDONLY)
            weakref.finalize(self, os.close, self._lock)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                f"another run is writing its results into {self.folder}; wait for its end, or {_ELSEWHERE}"
            ) from None
        except OSError:  # a file system without locks
            return

    def _write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._keep_others_out()
            write_whole(path, content)
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else str(error)
            kind = DiskFullError if error.errno in (errno.ENOSPC, errno.EDQUOT) else UsageError
            raise kind(
                f"{path} cannot be written ({why}). What was graded before lies in {self.folder}; put that right and "
                "grade again, or choose another folder with --out (make: OUT=folder)"
            ) from error
        return path


def require_writable(folder: Path, purpose: str, remedy: str) -> None:
    """Raise UsageError unless a file can be made in the folder, which itself may have to be made."""
    there = next(path for path in (folder, *folder.absolute().parents) if os.path.lexists(path))
    if not there.is_dir():
        raise UsageError(f"{purpose}: {there} is not a folder; {remedy}")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"{purpose}: {there} is not writable; {remedy}")


def grades_csv(exercises: Sequence[str], results: Iterable[Result | Failure], kept: Collection[str] = ()) -> str:
    """The class as a table: student, one column per exercise, total, max, status. `kept` are of an earlier run."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["student", *exercises, "total", "max", "status"])
    for result in sorted(results, key=lambda result: result.student):
        name = not_a_formula(result.student)
        status = remark(result)
        if isinstance(result, Failure):
            writer.writerow([name, *[""] * len(exercises), "", "", status])
        else:
            scores = [_number(result.exercises[exercise].score) for exercise in exercises]
            status += "; from an earlier run" if result.student in kept else ""
            writer.writerow([name, *scores, _number(result.score), _number(result.max_score), status])
    return table.getvalue()


def known_mistakes_csv(results: Iterable[Result | Failure]) -> str:
    """What students' code behaves exactly like: exercise, mistake, how many students, and who."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["exercise", "mistake", "count", "students"])
    for each in known_mistakes(results):
        writer.writerow([each.exercise, each.title, len(each.students), not_a_formula("; ".join(each.students))])
    return table.getvalue()


def _without_diagnosis(result: Result) -> Result:
    exercises = {name: structs.replace(exercise, diagnosis=()) for name, exercise in result.exercises.items()}
    return structs.replace(result, exercises=exercises)


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that no reader, and no crash, ever sees half of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _number(value: float) -> str:
    return f"{value:g}"


def not_a_formula(text: str) -> str:
    """Spreadsheets run cells that begin like a formula; a folder's name must not."""
    # In the form that East Asian writing has for it, too: "＝".
    first = unicodedata.normalize("NFKC", text[:1])
    return f"'{text}" if first in ("=", "+", "-", "@", "\t") else text


def as_written(cell: str) -> str:
    """A cell as it was before `not_a_formula`."""
    return cell[1:] if cell.startswith("'") and not_a_formula(cell[1:]) == cell else cell
