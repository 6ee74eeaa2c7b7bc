"""Grades a class: hands submissions, or parts of one, to graders, and goes on when one of them dies."""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

import msgspec

from autograder.batch.grader import Answer, Job, Setup, Trial
from autograder.course.assignment import Assignment
from autograder.errors import UsageError
from autograder.results.model import Result
from autograder.sandbox.isolation import TimeLimits
from autograder.sandbox.launcher import Zygote, ZygoteDiedError
from autograder.sandbox.scratch import PLACE, RunScratch

GRADER = "autograder.batch.grader:serve"
STOPPED = "the grader itself stopped twice on this"
"""What is told in the end: nobody hears of the first time."""
START_SECONDS = 120.0
"""For a grader to collect its suites."""
_END_SHOWS_SECONDS = 0.5
"""Until it shows that the zygote has ended: a grader's fault comes sooner."""
LOOK_UP_SECONDS = 0.25
"""Between two looks at whether somebody asked to stop."""


Task = Job | Trial


class GradersGoneError(Exception):
    """Nobody is left to grade. What was graded is kept."""


@dataclass(frozen=True)
class Started:
    """A grader has begun with a task."""

    task: Task


@dataclass(frozen=True)
class Done:
    """A task has come to an end; `answer` holds what the grader said."""

    task: Task
    answer: Answer


@dataclass
class _Grader:
    pid: int
    connection: Connection
    deadline: float
    task: Task | None = None


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def patience_of(assignment: Assignment) -> float:
    """Seconds for one submission. Graders keep their own clocks; this one only catches a grader that hangs itself."""
    limits = assignment.limits
    each = limits.exercise_seconds + limits.load_seconds + TimeLimits.comparing
    return 60.0 + 2 * len(assignment.exercises) * each


class Batch:
    """Graders at work on a list of tasks. Iterate over `events` once."""

    def __init__(
        self,
        zygote: Zygote,
        assignment: Assignment,
        setup: Setup,
        jobs: int,
        progress: Callable[[Result], object] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """`progress` is told each submission's result so far, before its first exercise and after each.

        Once `stop` says so, events end and what is at work is ended.
        """
        self._zygote, self._setup, self._jobs, self._progress = zygote, setup, max(1, jobs), progress
        self._stop = stop
        self._patience = patience_of(assignment)
        self._graders: list[_Grader] = []

    def events(self, tasks: Sequence[Task]) -> Generator[Started | Done]:
        """What happens, as it happens.

        Raises UsageError when the suites cannot be collected, ZygoteDiedError when there is nobody to fork graders.
        """
        waiting = deque(tasks)
        deaths: dict[Task, int] = {}
        once_more: set[Task] = set()
        """What could not be graded, for whatever reason that may be gone at the end, such as a full disk."""
        # A grader that is killed removes nothing: what its workers wrote lies in here.
        scratch = RunScratch(PLACE)
        scratch.let_others_pass()
        self._setup = msgspec.structs.replace(self._setup, scratch=scratch.name, progress=self._progress is not None)
        try:
            while (waiting or self._graders) and not self._stop():
                while len(self._graders) < self._jobs and len(self._graders) < len(waiting) + self._busy():
                    self._graders.append(self._start())
                for grader, answer in self._answers():
                    if answer is not None and answer.so_far is not None:
                        if self._progress is not None:
                            self._progress(answer.so_far)
                        continue
                    task, grader.task = grader.task, None
                    if answer is None:
                        if task is None:
                            raise UsageError("a grader ended before it was ready; what it said is above")
                        deaths[task] = deaths.get(task, 0) + 1
                        if deaths[task] == 1:
                            waiting.appendleft(task)
                        else:
                            yield Done(task, Answer(fault=STOPPED))
                        continue
                    if answer.fault:
                        # Its end is a grader's fault sooner than it can be seen.
                        self._zygote.check(_END_SHOWS_SECONDS)
                    if answer.usage_error:
                        raise UsageError(answer.usage_error)
                    if task is not None and answer.fault and task not in once_more:
                        once_more.add(task)
                        waiting.append(task)
                    elif task is not None:
                        yield Done(task, answer)
                    if waiting:
                        yield self._give(grader, waiting.popleft())
                    else:
                        self._remove(grader)
        finally:
            for grader in list(self._graders):
                self._remove(grader)
            scratch.cleanup()

    def _busy(self) -> int:
        return sum(grader.task is not None for grader in self._graders)

    def _give(self, grader: _Grader, task: Task) -> Started:
        grader.task = task
        grader.deadline = time.monotonic() + self._patience
        with contextlib.suppress(OSError):  # it died since its last answer, which shows when it is listened to
            grader.connection.send_bytes(msgspec.json.encode(task))
        return Started(task)

    def _start(self) -> _Grader:
        pid, jobs = self._zygote.fork_grader(GRADER)
        connection = Connection(jobs.detach())
        with contextlib.suppress(OSError):  # it has died already, which shows when it is listened to
            connection.send_bytes(msgspec.json.encode(self._setup))
        return _Grader(pid, connection, time.monotonic() + START_SECONDS)

    def _answers(self) -> Iterator[tuple[_Grader, Answer | None]]:
        """What graders have to say; None for one that died or took too long, which is removed."""
        first = min(grader.deadline for grader in self._graders)
        patience = min(LOOK_UP_SECONDS, max(0.0, first - time.monotonic()))
        speaking = wait([grader.connection for grader in self._graders], patience)
        for grader in list(self._graders):
            if grader.connection in speaking:
                try:
                    answer = msgspec.json.decode(grader.connection.recv_bytes(), type=Answer)
                except (EOFError, OSError, msgspec.DecodeError):
                    self._remove(grader)
                    yield grader, None
                else:
                    yield grader, answer
            elif time.monotonic() > grader.deadline:
                self._remove(grader)
                yield grader, None

    def _remove(self, grader: _Grader) -> None:
        self._graders.remove(grader)
        grader.connection.close()
        with contextlib.suppress(ZygoteDiedError):  # then its graders are dead, too
            self._zygote.end_grader(grader.pid)
