"""Results to be written and told, as small as they get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from autograder.course import Assignment, Exercise
from autograder.results.model import ExerciseResult, Result, TestResult


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
            suite="0123456789abcdef",
            isolation="full",
            score=sum(exercise.score for exercise in exercises.values()),
            max_score=sum(exercise.max_score for exercise in exercises.values()),
            exercises=exercises,
            notes=notes,
        )


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
