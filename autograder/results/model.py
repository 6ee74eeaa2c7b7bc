"""The result of one submission, as it is written to results/<student>.json (schema 1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from msgspec import Struct

from autograder.language import mark

SCHEMA = 1
SEEDS = 2**53
"""A seed that is drawn is below this: too many to be searched through for the one from which the numbers follow that a
worker is told, and each still a number that every reader of JSON holds exactly."""
NOT_RUN = "not_run"
"""Status of an exercise that has not been reached yet."""


class Number(Struct, frozen=True):
    """One of the few numbers that a public check compared: where it stands, as Python indexes it, and both values."""

    where: str
    got: str
    expected: str


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
    note: str = ""
    """For the student: why the score is not what the status alone would give."""
    fault: str = ""
    """For the instructor: what is wrong with the suite, where that is why the check could not be carried out."""
    cause: int = 0
    """Checks of an exercise that fail for one and the same reason have the same number, from 1 on; 0 where it passed.
    The rule is that of `autograder.grading.causes`."""
    line: int = 0
    """The line of the exercise's source at which the student's code raised; 0 where there is none."""
    numbers: tuple[Number, ...] = ()
    """Public checks only: the values that were compared, where they are few."""
    kind: str = ""
    """What sort of failure it is, where anything follows from that: not_written, leftover (a stub's `raise` above
    finished code), names (of parameters and buffers), value. The words of messages are for people alone."""


class Diagnosis(Struct, frozen=True):
    """A known mistake with whose behaviour the submission's agrees."""

    mistake: str
    title: str
    hint: str
    cause: int = 0
    """The number of the cause that it explains."""


class Excerpt(Struct, frozen=True):
    """Lines of the student's own code around one that raised."""

    line: int
    """That one, as `TestResult.line` counts."""
    where: str
    """The same for people: "line 12", or "cell 3, line 2"."""
    number: int
    """Of the first of `lines`, in the student's file or cell."""
    marked: int
    """The index in `lines` of the one that raised."""
    lines: tuple[str, ...]


class ExerciseResult(Struct, frozen=True):
    """One exercise of one submission."""

    score: float
    max_score: float
    status: str
    """graded, or why it was not: missing | misnamed | syntax | unreadable | archive | not_allowed | not_loaded |
    not_run"""
    message: str
    """For the student, where the status is not "graded"."""
    tests: tuple[TestResult, ...]
    diagnosis: tuple[Diagnosis, ...] = ()
    evidence: tuple[str, ...] = ()
    """For instructors only: uses of what is not allowed, where the assignment leaves it to them what that costs."""
    doubtful: tuple[str, ...] = ()
    """For instructors only: lines of the code that may get round a ban, where the exercise has one."""
    excerpts: tuple[Excerpt, ...] = ()
    """The first few places at which the code raised."""


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


class Terms(Struct, frozen=True):
    """What the results of a run have in common. With a submission's digest, a result follows from it, but times."""

    assignment: str
    seed: int
    suite: str
    """Fingerprint of all that judges."""
    isolation: str
    suites: dict[str, str] = {}
    """By exercise: fingerprint of what its result depends on."""
    engine: str = ""
    """Fingerprint of the code that grades, of what it runs on, and of how strictly it isolates."""


def result_of(student: str, about: Terms, exercises: Mapping[str, ExerciseResult], notes: Iterable[str] = ()) -> Result:
    """The result of a submission from those of its exercises, in their order."""
    return Result(
        schema=SCHEMA,
        student=student,
        assignment=about.assignment,
        seed=about.seed,
        suite=about.suite,
        isolation=about.isolation,
        score=_total(each.score for each in exercises.values()),
        max_score=_total(each.max_score for each in exercises.values()),
        exercises=dict(exercises),
        notes=tuple(notes),
    )


def _total(points: Iterable[float]) -> float:
    """Exact, then to a hundredth."""
    return round(float(sum(Fraction(str(each)) for each in points)), 2)


class Failure(Struct, frozen=True):
    """A submission that could not be graded at all."""

    student: str
    reason: str


class Absent(Failure, frozen=True):
    """A student of the roster who handed in nothing."""

    reason: str = mark("handed in nothing")
