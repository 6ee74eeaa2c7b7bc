"""All assignments of the project, and the exercises that are their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.course.layout import Layout, assignment_names

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENTS = assignment_names(ROOT)


@dataclass(frozen=True)
class Exercise:
    """One exercise, in the assignment that it belongs to."""

    assignment: str
    name: str

    @property
    def layout(self) -> Layout:
        return Layout(ROOT, self.assignment)

    def files(self, kind: str) -> list[Path]:
        """The files of one of the folders beside its suite: `rewritten`, `pairs`, `unknown`."""
        return sorted((self.layout.suite(self.name) / kind).glob("*.py"))

    def __str__(self) -> str:
        return f"{self.assignment}/{self.name}"


EXERCISES = [
    Exercise(assignment, file.parent.name)
    for assignment in ASSIGNMENTS
    for file in sorted((ROOT / "tests" / assignment).glob("*/exercise.toml"))
]
every_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=str)
every_assignment = pytest.mark.parametrize("assignment", ASSIGNMENTS)
