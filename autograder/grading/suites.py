"""Collects an assignment's suites once with pytest and runs their checks against one set of subjects after another.

Collecting takes as long as grading a submission or two, so it is done once per process. A check is a function that asks
for nothing but our own fixtures and its parameters, so that it can be called directly: pytest's runner renews all its
machinery for every item that it runs again, which takes longer than most checks do.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import re
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from autograder.course.assignment import Exercise
from autograder.errors import UsageError
from autograder.grading.plugin import FIXTURES, MARKS, Check, check_of, given
from autograder.grading.subjects import Subjects
from autograder.grading.wording import Position, cut, message_of, plain_position, status_of
from autograder.language.source import suites_translated
from autograder.sandbox.session import NoWorkerError
from autograder.suite.failures import Statistic, failures_noted

_MAX_TRACE = 20_000
"""Characters; the message at its end may hold what the code under test chose."""


@dataclass(frozen=True)
class Outcome:
    """What one check found. `message` is for students; `trace` for instructors only."""

    check: Check
    status: str
    """passed | failed | error | timeout"""
    message: str
    seconds: float
    trace: str = ""
    cause: BaseException | None = None
    statistics: tuple[Statistic, ...] = ()
    """What the check derived from random draws, for diagnosis."""
    names: frozenset[str] = frozenset()
    """What the file defines that the check asked for."""


@dataclass(frozen=True)
class _Case:
    """A check and how to call it."""

    check: Check
    function: Callable[..., None]
    asked: tuple[str, ...]
    """The fixtures that it asks for."""
    parameters: dict[str, object]


class Suites:
    """The checks of an assignment, ready to be run."""

    def __init__(self, cases: Sequence[_Case]) -> None:
        self._cases = cases

    @property
    def checks(self) -> list[Check]:
        return [case.check for case in self._cases]

    def worth(self, exercises: Iterable[Exercise]) -> Suites:
        """The same checks, worth what the exercises are worth in an assignment, which need not be their own."""
        scales = {exercise.name: exercise.scale for exercise in exercises}
        cases = []
        for case in self._cases:
            check, scale = case.check, scales[case.check.exercise]
            cases.append(replace(case, check=replace(check, points=check.points * scale, again=check.again * scale)))
        return Suites(cases)

    def run(
        self, subjects: Subjects, exercise: str, position: Position = plain_position, *, only: str | None = None
    ) -> Iterator[Outcome]:
        """Run the checks of one exercise, in order, or `only` the one of this id; their outcomes as they come.

        A check goes on after its first failure, so that all its questions are asked; the first is its verdict.
        `position` says where a student's line is.
        """
        for case in self._cases:
            if case.check.exercise == exercise and only in (None, case.check.id):
                yield _run(case, subjects, position)


def _run(case: _Case, subjects: Subjects, position: Position) -> Outcome:
    check = case.check
    started = time.perf_counter()
    raised: BaseException | None = None
    with failures_noted() as noted:
        try:
            fixtures = {name: given(name, subjects, check.exercise, check.stream) for name in case.asked}
            case.function(**fixtures, **case.parameters)
        except (KeyboardInterrupt, NoWorkerError, pytest.exit.Exception):
            raise
        except BaseException as error:  # pytest.skip's exception is none of Exception
            raised = error
    seconds = time.perf_counter() - started
    failures, statistics = noted.failures, tuple(noted.statistics)
    names = frozenset(subjects.student(check.exercise).names if "student" in case.asked else ())
    cause = failures[0] if failures else raised
    if cause is None:
        return Outcome(check, "passed", "", seconds, statistics=statistics, names=names)
    stack = failures[0].stack if failures else "".join(traceback.format_exception(cause))
    # Frames hold tensors and modules; a class of a thousand would keep them all.
    cause.__traceback__ = None
    status, message = status_of(cause), message_of(cause, check.title, position)
    return Outcome(check, status, message, seconds, cut(stack, _MAX_TRACE), cause, statistics, names)


def collect(folders: Sequence[Path]) -> Suites:
    """The suites in `folders`. Raises UsageError when they cannot be collected."""
    found = _Collected(folders[0].parents[1].name)
    unused = ["cacheprovider", "terminal", "logging", "faulthandler", "capture", "junitxml", "unittest", "doctest"]
    # These look through all of memory for garbage, torch's included: a fifth of a second for each collection.
    unused += ["unraisableexception", "threadexception"]
    arguments = [argument for plugin in unused for argument in ("-p", f"no:{plugin}")]
    arguments += ["-p", "autograder.grading.plugin", "--assert=plain", "--import-mode=importlib"]
    arguments += ["-c", str(_no_configuration()), "--rootdir", str(folders[0].parents[1])]
    # Not the folders: pytest would look at each of the hundred files beside the suites.
    files = [file for folder in folders for file in sorted(folder.glob("test_*.py"))]
    arguments += map(str, files or folders)
    output = io.StringIO()
    with contextlib.redirect_stderr(output), pytest.MonkeyPatch.context() as patch, suites_translated(folders):
        # Plugins that happen to be installed (hypothesis, anyio, ...) have no part in grading.
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        # Nor have options for whatever else is tested with pytest.
        patch.delenv("PYTEST_ADDOPTS", raising=False)
        patch.delenv("PYTEST_PLUGINS", raising=False)
        status = pytest.main(arguments, plugins=[found])
    if found.problems or status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        reason = "\n".join(found.problems) or output.getvalue().strip() or f"pytest ended with status {int(status)}"
        raise UsageError(f"the suites cannot be collected, which must be put right first:\n{reason}")
    return Suites(found.cases)


class _Collected:
    """A pytest plugin that keeps what was collected, and runs nothing."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.cases: list[_Case] = []
        self.problems: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problems.append(_problem(report, f"{self._name}/{report.nodeid}"))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if not self.problems:
            self.cases = [_case(item) for item in session.items]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> bool:
        return True


def _case(item: pytest.Item) -> _Case:
    """A collected item as a check. Raises pytest.UsageError for what cannot be called directly."""
    check = check_of(item)
    where = "/".join([*item.path.parent.parts[-3:], f"{item.path.name}::{item.name}"])
    if not isinstance(item, pytest.Function) or item.cls is not None or inspect.iscoroutinefunction(item.obj):
        raise pytest.UsageError(f"{where}: a check is a function of its own, not part of a class, and not async")
    parameters = dict(item.callspec.params) if hasattr(item, "callspec") else {}
    others = sorted(set(item.fixturenames) - {"request"} - set(parameters) - set(FIXTURES))
    if others:
        raise pytest.UsageError(
            f"{where}: a check can ask for {', '.join(sorted(FIXTURES))} and its parameters, not for the fixture "
            f"{others[0]}; call a function instead"
        )
    if marks := sorted({mark.name for mark in item.iter_markers()} - MARKS):
        raise pytest.UsageError(
            f"{where}: checks are not marked with {marks[0]}; the marks are {', '.join(sorted(MARKS))}"
        )
    asked = tuple(name for name in item._fixtureinfo.argnames if name not in parameters)
    return _Case(check, item.obj, asked, parameters)


def _problem(report: pytest.CollectReport, file: str) -> str:
    """Where a suite cannot be collected and why, without pytest's way to there."""
    lines = str(report.longrepr).splitlines()
    reasons = [line[1:].rstrip() for line in lines if line.startswith("E ")]
    if not reasons:
        return f"{file}: {report.longrepr}"
    within = [found[1] for line in lines if (found := re.match(rf"\S*{re.escape(Path(file).name)}:(\d+): ", line))]
    return "\n".join([f"{file}, line {within[-1]}:" if within else f"{file}:", *reasons])


def _no_configuration() -> Path:
    """An empty configuration: a pytest.ini or conftest setting of the surroundings must not change how we grade."""
    return Path(__file__).with_name("pytest.ini")
