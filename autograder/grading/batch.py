"""Grades a class: hands submissions to graders, and goes on when one of them dies."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

import msgspec

from autograder.course.assignment import Assignment
from autograder.errors import UsageError
from autograder.grading.process import Answer, Job, Setup
from autograder.results.model import Failure, Result
from autograder.sandbox.launcher import Zygote
from autograder.submissions import Submission

_START_SECONDS = 120.0
"""For a grader to collect its suites."""


@dataclass(frozen=True)
class Started:
    """A grader has begun with a submission."""

    student: str


@dataclass
class _Grader:
    pid: int
    connection: Connection
    deadline: float
    submission: Submission | None = None


class Batch:
    """One run over a class. Iterate over `events` once."""

    def __init__(self, zygote: Zygote, assignment: Assignment, setup: Setup, jobs: int) -> None:
        self._zygote, self._setup, self._jobs = zygote, setup, max(1, jobs)
        limits = assignment.limits
        # The graders keep their own clocks; this one only catches a grader that hangs itself.
        self._patience = 60.0 + 2 * len(assignment.exercises) * (limits.exercise_seconds + limits.load_seconds)
        self._graders: list[_Grader] = []

    def events(self, submissions: Sequence[Submission]) -> Iterator[Started | Result | Failure]:
        """Results in the order in which they are ready. Raises UsageError when the suites cannot be collected."""
        waiting = deque(submissions)
        deaths: dict[str, int] = {}
        try:
            while waiting or self._graders:
                while len(self._graders) < self._jobs and len(self._graders) < len(waiting) + self._busy():
                    self._graders.append(self._start())
                for grader, answer in self._answers():
                    submission, grader.submission = grader.submission, None
                    if answer is None:
                        if submission is None:
                            raise UsageError("a grader ended before it was ready; what it said is above")
                        deaths[submission.student] = deaths.get(submission.student, 0) + 1
                        if deaths[submission.student] == 1:
                            waiting.appendleft(submission)
                        else:
                            yield Failure(submission.student, "the grader itself stopped twice on this submission")
                        continue
                    if answer.usage_error:
                        raise UsageError(answer.usage_error)
                    if submission is not None:
                        yield answer.result or Failure(
                            submission.student, answer.fault.strip() or "no result came back"
                        )
                    if waiting:
                        yield self._give(grader, waiting.popleft())
                    else:
                        self._remove(grader)
        finally:
            for grader in list(self._graders):
                self._remove(grader)

    def _busy(self) -> int:
        return sum(grader.submission is not None for grader in self._graders)

    def _give(self, grader: _Grader, submission: Submission) -> Started:
        grader.submission = submission
        grader.deadline = time.monotonic() + self._patience
        job = Job(submission.student, str(submission.path.resolve()))
        grader.connection.send_bytes(msgspec.json.encode(job))
        return Started(submission.student)

    def _start(self) -> _Grader:
        pid, jobs = self._zygote.fork_grader()
        connection = Connection(jobs.detach())
        connection.send_bytes(msgspec.json.encode(self._setup))
        return _Grader(pid, connection, time.monotonic() + _START_SECONDS)

    def _answers(self) -> Iterator[tuple[_Grader, Answer | None]]:
        """What graders have to say; None for one that died or overstayed, which is removed."""
        first = min(grader.deadline for grader in self._graders)
        speaking = wait([grader.connection for grader in self._graders], max(0.0, first - time.monotonic()))
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
        self._zygote.end_grader(grader.pid)
