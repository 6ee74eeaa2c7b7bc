"""Collects an assignment's suites once with pytest and runs them against one set of subjects after another.

Collecting takes as long as grading a submission or two, so it is done once per process. A check that asks for no more
than our own fixtures is called directly; for any other, pytest's runner is asked, which provides for running an item
again (`runtestprotocol` renews its request) but takes longer than most checks do.
"""

from __future__ import annotations

import contextlib
import io
import re
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from _pytest.runner import runtestprotocol

from autograder.errors import UsageError
from autograder.grading.plain import call_plainly, is_plain
from autograder.grading.plugin import SUBJECTS, Check, check_of
from autograder.grading.subjects import Subjects
from autograder.grading.wording import Position, cut, message_of, plain_position, status_of
from autograder.sandbox.limits import NoWorkerError
from autograder.suite.compare import BehaviourError, failures_noted

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


class Suites:
    """The collected checks of an assignment, ready to be run. Only valid inside `with_suites`."""

    def __init__(self, session: pytest.Session) -> None:
        self._config = session.config
        self.items: list[pytest.Item] = list(session.items)
        self.checks = [check_of(item) for item in self.items]
        self._plain = frozenset(item for item in self.items if is_plain(item))
        self._cause: BaseException | None = None
        self._config.pluginmanager.register(self, "autograder-suites")

    def run(
        self, subjects: Subjects, exercise: str, position: Position = plain_position, *, only: str | None = None
    ) -> list[Outcome]:
        """Run the checks of one exercise, or `only` one, in the order of the suite.

        `position` says where a student's line is.
        """
        return [
            self._run_item(item, check, subjects, keep, position, nullcontext([]))
            for item, check, keep in self._chosen(exercise, only)
        ]

    def run_through(self, subjects: Subjects, exercise: str, *, only: str | None = None) -> list[Outcome]:
        """Like `run`, but a check goes on after its first failure, so that all its questions are asked."""
        return [
            self._run_item(item, check, subjects, keep, plain_position, failures_noted())
            for item, check, keep in self._chosen(exercise, only)
        ]

    def _chosen(self, exercise: str, only: str | None) -> list[tuple[pytest.Item, Check, pytest.Collector | None]]:
        """The checks to run, each with the module whose set-up the next one that pytest runs shares."""
        chosen = [
            (item, check)
            for item, check in zip(self.items, self.checks, strict=True)
            if check.exercise == exercise and only in (None, check.name)
        ]
        shared: pytest.Collector | None = None
        kept: list[pytest.Collector | None] = []
        for item, _ in reversed(chosen):
            kept.append(shared if item.parent is shared else None)
            if item not in self._plain:
                shared = item.parent
        return [(item, check, keep) for (item, check), keep in zip(chosen, reversed(kept), strict=True)]

    def _run_item(
        self,
        item: pytest.Item,
        check: Check,
        subjects: Subjects,
        keep: pytest.Collector | None,
        position: Position,
        noting: AbstractContextManager[list[BehaviourError]],
    ) -> Outcome:
        """Run one check; `noting` gives the list of failures after which it goes on."""
        started = time.perf_counter()
        with noting as failures:
            raised = self._raised_by(item, check, subjects, keep)
        seconds = time.perf_counter() - started
        if isinstance(raised, NoWorkerError):
            raise raised
        cause = failures[0] if failures else raised
        if cause is None:
            return Outcome(check, "passed", "", seconds)
        trace = cut(failures[0].stack if failures else "".join(traceback.format_exception(cause)), _MAX_TRACE)
        # Frames hold tensors and modules; a class of a thousand would keep them all.
        cause.__traceback__ = None
        return Outcome(check, status_of(cause), message_of(cause, check.title, position), seconds, trace, cause)

    def _raised_by(
        self, item: pytest.Item, check: Check, subjects: Subjects, keep: pytest.Collector | None
    ) -> BaseException | None:
        """What ended the check, or None."""
        if item not in self._plain:
            self._config.stash[SUBJECTS] = subjects
            runtestprotocol(item, log=False, nextitem=keep)  # type: ignore[arg-type]
            return self._take_cause()
        try:
            call_plainly(item, check, subjects)
        except (KeyboardInterrupt, pytest.exit.Exception):
            raise
        except BaseException as error:  # pytest.skip's exception is none of Exception
            return error
        return None

    def _take_cause(self) -> BaseException | None:
        cause, self._cause = self._cause, None
        return cause

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        # Instead of pytest's own report, which reads and parses source files for a picture that nobody sees.
        if call.excinfo is not None and self._cause is None:
            self._cause = call.excinfo.value
        outcome: Literal["passed", "failed"] = "passed" if call.excinfo is None else "failed"
        phase = call.when if call.when != "collect" else "setup"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, phase)


def with_suites(folders: Sequence[Path], work: Callable[[Suites], None]) -> None:
    """Collect the suites in `folders` and call `work` with them. Raises UsageError when they cannot be collected."""
    problems: list[str] = []

    class Loop:
        @pytest.hookimpl(tryfirst=True)
        def pytest_collectreport(self, report: pytest.CollectReport) -> None:
            if report.failed:
                problems.append(_problem(report, f"{folders[0].parents[1].name}/{report.nodeid}"))

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtestloop(self, session: pytest.Session) -> bool:
            if not problems:
                work(Suites(session))
            return True

    unused = ["cacheprovider", "terminal", "logging", "faulthandler", "capture", "junitxml", "unittest", "doctest"]
    # These look through all of memory for garbage, torch's included: a fifth of a second for each collection.
    unused += ["unraisableexception", "threadexception"]
    arguments = [argument for plugin in unused for argument in ("-p", f"no:{plugin}")]
    arguments += ["-p", "autograder.grading.plugin", "--assert=plain", "--import-mode=importlib"]
    arguments += ["-c", str(_no_configuration()), "--rootdir", str(folders[0].parents[1])]
    arguments += [str(folder) for folder in folders]
    output = io.StringIO()
    with contextlib.redirect_stderr(output), pytest.MonkeyPatch.context() as patch:
        # Plugins that happen to be installed (hypothesis, anyio, ...) have no part in grading.
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        # Nor have options for whatever else is tested with pytest.
        patch.delenv("PYTEST_ADDOPTS", raising=False)
        patch.delenv("PYTEST_PLUGINS", raising=False)
        status = pytest.main(arguments, plugins=[Loop()])
    if problems or status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        told = "\n".join(problems) or output.getvalue().strip() or f"pytest ended with status {int(status)}"
        raise UsageError(f"the suites cannot be collected, which must be put right first:\n{told}")


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
