"""Runs public checks on sources in this process, with the grader's verdicts and words."""

from __future__ import annotations

import importlib
import os
import random
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy
import torch

from autograder.course.assignment import Exercise
from autograder.grading.marks import Mark, marks
from autograder.grading.plugin import Check
from autograder.grading.subjects import text_beside
from autograder.grading.suites import Outcome, Suites, collect
from autograder.grading.wording import describe, kind_of
from autograder.results.model import Number
from autograder.sandbox.host import Host
from autograder.sandbox.session import LocalLine, Session, Source, SubjectNotLoaded
from autograder.sandbox.surroundings import settle_torch, settled
from autograder.student.clock import ClockedLine, StoppedByUser
from autograder.student.folder import StudentFolder
from autograder.student.results import Gap, PublicResult, PublicTest
from autograder.submissions.model import Contents
from autograder.suite.failures import BehaviourError


@dataclass
class _Alone:
    """One source without a reference, which public checks cannot ask for."""

    seed: int
    session: Session

    def student(self, exercise: str) -> Session:
        return self.session

    def reference(self, exercise: str) -> Session:
        raise LookupError("there is no reference solution here")


def run_checks(
    folder: StudentFolder,
    contents: Contents,
    exercises: Collection[str],
    seed: int = 0,
    *,
    examples_only: bool = False,
    tell: Callable[[str, PublicResult], None] = lambda exercise, result: None,
    host: Callable[[str], Host] = Host,
) -> dict[str, PublicResult]:
    """What the public checks of these exercises find, of worked examples alone if `examples_only` says so.
    `tell` hears of each exercise, and `host` makes, for the name of one, what runs its code.

    Raises KeyboardInterrupt when Ctrl-C was pressed.
    """
    chosen = [exercise for exercise in folder.assignment.exercises if exercise.name in exercises]
    results: dict[str, PublicResult] = {}
    with _as_in_a_worker(folder):
        suites = collect([folder.suite(exercise.name) for exercise in chosen]).worth(chosen)
        for exercise in chosen:
            checks = [check for check in suites.checks if check.exercise == exercise.name]
            checks = [check for check in checks if check.example or not examples_only]
            results[exercise.name] = _judge(folder, exercise, contents, suites, checks, seed, host)
            tell(exercise.name, results[exercise.name])
    return results


def _judge(
    folder: StudentFolder,
    exercise: Exercise,
    contents: Contents,
    suites: Suites,
    checks: Sequence[Check],
    seed: int,
    host: Callable[[str], Host],
) -> PublicResult:
    if exercise.name in contents.problems:
        problem = contents.problems[exercise.name]
        return _without_running(checks, problem.kind, problem.message)
    source = contents.sources[exercise.name]
    if source.uses and folder.assignment.not_allowed == "zero":
        return _without_running(checks, "not_allowed", "\n".join(source.uses))
    limits = folder.assignment.limits
    settle_torch()
    line = LocalLine(exercise.name, host(exercise.name))
    clocked = ClockedLine(line, limits.load_seconds, limits.question_seconds)
    beside = text_beside(folder.beside(exercise.name))
    session = Session(Source(exercise.name, f"{exercise.name}.py", source.text, beside), clocked)
    outcomes: list[Outcome] = []
    try:
        for check in checks:
            outcomes += suites.run(_Alone(seed, session), exercise.name, source.position, only=check.id)
            if isinstance(outcomes[-1].cause, StoppedByUser):
                raise KeyboardInterrupt
    finally:
        session.close()
    failure = next((outcome.cause for outcome in outcomes if isinstance(outcome.cause, SubjectNotLoaded)), None)
    status, message = ("graded", "") if failure is None else ("not_loaded", describe(failure, source.position))
    return _result(status, message, marks(outcomes))


def _test(mark: Mark) -> PublicTest:
    outcome = mark.outcome
    found = outcome.cause if isinstance(outcome.cause, BehaviourError) else BehaviourError("")
    return PublicTest(
        name=outcome.check.name,
        title=outcome.check.title,
        status=outcome.status,
        score=float(mark.points),
        max_score=float(outcome.check.points),
        visibility="visible",
        message=outcome.message,
        seconds=outcome.seconds,
        public=True,
        note=mark.note,
        kind=kind_of(outcome.cause),
        numbers=tuple(Number(*number) for number in found.numbers),
        gaps=tuple(Gap(*gap) for gap in found.gaps),
    )


def _without_running(checks: Sequence[Check], status: str, message: str) -> PublicResult:
    return _result(status, message, [Mark(Outcome(check, "error", message, 0.0), Fraction(0)) for check in checks])


def _result(status: str, message: str, marked: Sequence[Mark]) -> PublicResult:
    tests = tuple(map(_test, marked))
    score, most = sum(test.score for test in tests), sum(test.max_score for test in tests)
    return PublicResult(score=score, max_score=most, status=status, message=message, tests=tests)


@contextmanager
def _as_in_a_worker(folder: StudentFolder) -> Iterator[None]:
    """As in the grader, files cannot import each other. Afterwards everything is as it was: a notebook goes on here."""
    own = {folder.path.resolve(), Path.cwd()}
    names = {exercise.name for exercise in folder.assignment.exercises}
    path, modules = list(sys.path), {name: sys.modules.pop(name) for name in names if name in sys.modules}
    states = torch.get_rng_state(), random.getstate(), numpy.random.get_state()
    sys.path[:] = [entry for entry in sys.path if Path(entry or os.curdir).resolve() not in own]
    importlib.invalidate_caches()
    try:
        with settled():
            yield
    finally:
        sys.path[:] = path
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(modules)
        torch.set_rng_state(states[0])
        random.setstate(states[1])
        numpy.random.set_state(states[2])
