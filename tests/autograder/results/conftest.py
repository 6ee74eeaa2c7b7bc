"""Results to be written and told, as small as they get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from autograder.course.assignment import Assignment, Exercise
from autograder.results.files import Gradebook
from autograder.results.model import ExerciseResult, Failure, Result, Terms, TestResult
from autograder.submissions.model import Submission


@dataclass
class Maker:
    """Makes results; what is not named has a plain value."""

    assignment: Assignment
    defaults: dict[str, Any] = field(default_factory=dict)

    def test(self, status: str = "passed", message: str = "", points: float = 2.0, **fields: Any) -> TestResult:
        values: dict[str, Any] = {
            "name": "test_outputs",
            "title": "Same outputs",
            "visibility": "after_due_date",
            "seconds": 0.25,
            "public": False,
            "score": points if status == "passed" else 0.0,
            "max_score": points,
            "kind": "not_written" if message.startswith("Not implemented yet") else "",
        }
        return TestResult(status=status, message=message, **{**values, **fields})

    def exercise(self, *tests: TestResult, status: str = "graded", message: str = "", **fields: Any) -> ExerciseResult:
        score, full = sum(test.score for test in tests), sum(test.max_score for test in tests)
        marks = {"score": score, "max_score": full}
        return ExerciseResult(status=status, message=message, tests=tests, **{**marks, **fields})

    def result(self, student: str = "kim", notes: tuple[str, ...] = (), **exercises: ExerciseResult) -> Result:
        return Result(
            schema=1,
            student=student,
            assignment=self.assignment.name,
            seed=5,
            suite=SUITE,
            isolation="full",
            score=sum(exercise.score for exercise in exercises.values()),
            max_score=sum(exercise.max_score for exercise in exercises.values()),
            exercises=exercises,
            notes=notes,
        )


SUITE = "0123456789abcdef"


@dataclass
class Book:
    """A gradebook in which a run has begun."""

    folder: Path
    assignment: Assignment
    suites: dict[str, str]

    def __post_init__(self) -> None:
        self.gradebook = Gradebook(self.folder, self.assignment)
        self.terms = Terms(self.assignment.name, 5, SUITE, "full", self.suites, "engine")
        self.gradebook.begin(self.terms, b"the class")

    def add(self, result: Result | Failure) -> None:
        self.gradebook.add(submission(result.student), result)

    def recall(self, student: str) -> list[str]:
        return self.gradebook.recall(submission(student))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.gradebook, name)


def submission(student: str) -> Submission:
    """What a student handed in, as far as a gradebook cares."""
    return Submission(student, Path(student), digest=f"digest of {student}")


@pytest.fixture
def book(make: Maker) -> Callable[..., Book]:
    """Begins a run in a folder."""

    def begin(folder: Path, assignment: Assignment = make.assignment, **suites: str) -> Book:
        return Book(folder, assignment, dict.fromkeys(assignment.exercise_names, "s") | suites)

    return begin


@pytest.fixture
def make() -> Maker:
    exercises = (
        Exercise(name="double", title="Doubling", points=4, names=("Double",)),
        Exercise(name="shift", title="Shifting", points=1, names=("shift",)),
    )
    return Maker(Assignment("Demonstration", "demo", exercises))


@pytest.fixture
def right(make: Maker) -> Callable[[str], Result]:
    """A result with full marks for this student."""

    def result(student: str) -> Result:
        return make.result(
            student, double=make.exercise(make.test(points=4.0)), shift=make.exercise(make.test(points=1.0))
        )

    return result
