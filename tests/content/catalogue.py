"""All assignments of the project, and the exercises that are their own, but for drafts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.course.assignment import load_assignment
from autograder.course.layout import Layout, assignment_names

ROOT = Path(__file__).resolve().parents[2]
NAMES = assignment_names(ROOT)
ASSIGNMENTS = [name for name in NAMES if not load_assignment(ROOT, name).is_draft]


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
    Exercise(assignment, exercise.name)
    for assignment in NAMES
    for exercise in load_assignment(ROOT, assignment).exercises
    if not exercise.home and not exercise.draft
]


every_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=str)
every_assignment = pytest.mark.parametrize("assignment", ASSIGNMENTS)
