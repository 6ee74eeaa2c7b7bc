"""Writes results where people look for them. Every file is written beside and renamed: it is whole or absent."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from pathlib import Path

import msgspec
from msgspec import structs

from autograder.course.assignment import Assignment
from autograder.results.feedback import feedback, traces
from autograder.results.model import Failure, Result


class Gradebook:
    """The folder that `autograder grade --out` names: grades.csv, results/*.json, feedback/*.md, instructor/*.md."""

    def __init__(self, folder: Path, assignment: Assignment) -> None:
        self.folder, self._assignment = folder, assignment
        self.results: dict[str, Result | Failure] = {}
        policy, deadline = assignment.feedback.diagnosis, assignment.deadline
        past = deadline is not None and datetime.now(timezone.utc) > deadline.due
        self._tells_diagnosis = policy == "visible" or (policy == "after_due_date" and past)
        for name in ("results", "feedback", "instructor"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def add(self, result: Result | Failure) -> None:
        """Write one submission's files; what was there under the same name is replaced."""
        self.results[result.student] = result
        if isinstance(result, Failure):
            return
        formatted = msgspec.json.format(msgspec.json.encode(result), indent=2)
        write_whole(self.folder / "results" / f"{result.student}.json", formatted + b"\n")
        titles = {exercise.name: exercise.title for exercise in self._assignment.exercises}
        shown = result if self._tells_diagnosis else _without_diagnosis(result)
        write_whole(self.folder / "feedback" / f"{result.student}.md", feedback(shown, titles).encode())
        page = feedback(result, titles) + traces(result, titles)
        write_whole(self.folder / "instructor" / f"{result.student}.md", page.encode())

    def left_over(self) -> list[str]:
        """Students of an earlier run whose results still lie here, and who are not in this one."""
        there = sorted(file.stem for file in (self.folder / "results").glob("*.json"))
        return [student for student in there if student not in self.results]

    def write_grades(self) -> Path:
        """Write grades.csv with a row for each submission added so far, sorted by student; returns its path."""
        path = self.folder / "grades.csv"
        write_whole(path, grades_csv(self._assignment.exercise_names, self.results.values()).encode())
        return path


def grades_csv(exercises: Sequence[str], results: Iterable[Result | Failure]) -> str:
    """The class as a table: student, one column per exercise, total, max, status."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["student", *exercises, "total", "max", "status"])
    for result in sorted(results, key=lambda result: result.student):
        name = _not_a_formula(result.student)
        if isinstance(result, Failure):
            writer.writerow([name, *[""] * len(exercises), "", "", f"not graded: {result.reason.splitlines()[-1]}"])
        else:
            scores = [_number(result.exercises[exercise].score) for exercise in exercises]
            writer.writerow([name, *scores, _number(result.score), _number(result.max_score), result.status])
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


def _not_a_formula(text: str) -> str:
    """Spreadsheets run cells that begin like a formula; a folder's name must not."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
