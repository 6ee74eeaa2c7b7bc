"""Grades one submission with the engine that grades a class, and tells the result after each exercise.

Run as a program of its own, because whoever waits for it must outlive it: `run` kills it when time is nearly up.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from autograder.batch.grader import Answer, Job, Setup
from autograder.batch.graders import Batch, Done
from autograder.course.assignment import open_assignment
from autograder.course.suites import suite_hash
from autograder.course.translation import speak_of
from autograder.errors import UsageError
from autograder.results.model import Result
from autograder.sandbox.launcher import Zygote


class Order(Struct, frozen=True):
    """One submission to grade."""

    root: str
    assignment: str
    path: str
    student: str
    seed: int


class GradingError(Exception):
    """The submission could not be graded, and not because of what is in it."""


def grade_one(order: Order, progress: Callable[[Result], object]) -> Result:
    """The result of one submission; `progress` is told what is known after each exercise.

    Raises UsageError for a project that cannot be used, GradingError and OSError for a fault of ours.
    """
    root = Path(order.root)
    with Zygote() as zygote:
        layout, assignment = open_assignment(root, order.assignment)
        assignment = speak_of(layout, assignment)
        diagnosis = assignment.feedback.diagnosis != "off"
        suite = suite_hash(layout)
        report = zygote.report()
        for reason in report.reasons if report.level != "full" else ():
            print(f"isolation is {report.level}: {reason}", file=sys.stderr)
        setup = Setup(str(root), order.assignment, suite, order.seed, report.level, diagnosis)
        for event in Batch(zygote, assignment, setup, 1, progress).events(
            [Job(order.student, os.fsencode(order.path))]
        ):
            if isinstance(event, Done):
                if event.answer.result is None:
                    raise GradingError(event.answer.fault.strip() or "no result came back")
                return event.answer.result
    raise GradingError("grading ended without a result")


def answer(order: Order, tell: Callable[[Answer], object]) -> None:
    """Tell what is known after each exercise, and at last the result or why there is none."""
    try:
        tell(Answer(result=grade_one(order, lambda result: tell(Answer(so_far=result)))))
    except UsageError as error:
        tell(Answer(usage_error=str(error)))
    except (GradingError, OSError) as error:
        tell(Answer(fault=f"{type(error).__name__}: {error}"))


def _main(argument: str) -> None:
    """Answer on standard output, a line for each Answer; all else that is printed goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    answer(msgspec.json.decode(argument, type=Order), lambda told: answers.write(msgspec.json.encode(told) + b"\n"))


if __name__ == "__main__":
    _main(sys.argv[1])
