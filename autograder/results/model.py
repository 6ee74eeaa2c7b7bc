"""The result of one submission, as it is written to results/<student>.json (schema 1)."""

from __future__ import annotations

from msgspec import Struct

SCHEMA = 1


class TestResult(Struct, frozen=True):
    """One check. `message` is for the student, `trace` for instructors only."""

    name: str
    title: str
    status: str
    """passed | failed | error | timeout"""
    score: float
    max_score: float
    visibility: str
    message: str
    seconds: float
    public: bool
    trace: str = ""


class Diagnosis(Struct, frozen=True):
    """A known mistake with whose behaviour the submission's agrees."""

    mistake: str
    title: str
    hint: str


class ExerciseResult(Struct, frozen=True):
    """One exercise of one submission."""

    score: float
    max_score: float
    status: str
    """graded, or why it was not: missing | misnamed | syntax | unreadable | archive | not_allowed | not_loaded"""
    message: str
    """For the student, where the status is not "graded"."""
    tests: tuple[TestResult, ...]
    diagnosis: tuple[Diagnosis, ...] = ()


class Result(Struct, frozen=True):
    """One submission."""

    schema: int
    student: str
    assignment: str
    seed: int
    suite: str
    isolation: str
    score: float
    max_score: float
    exercises: dict[str, ExerciseResult]
    notes: tuple[str, ...] = ()
    """What was ignored in the submission, and why."""

    @property
    def status(self) -> str:
        """ "graded", or the exercises that could not be graded and why."""
        troubles = [f"{name}: {result.status}" for name, result in self.exercises.items() if result.status != "graded"]
        return "; ".join(troubles) or "graded"


class Failure(Struct, frozen=True):
    """A submission that could not be graded at all."""

    student: str
    reason: str
