"""The workers that grade for one run: who they are, what each is at, and what comes of it."""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec
from distributed import Client, Future, KilledWorker
from distributed.utils import TimeoutError as TooLate

from autograder.batch.grader import Answer, Job, put_right
from autograder.batch.graders import GradersGoneError
from autograder.cluster.plugins import grade, problem
from autograder.errors import UsageError
from autograder.language import tr
from autograder.submissions.collect import collect

_LOOK_SECONDS = 1.0
"""Between two looks at who is there."""
_ANSWER_SECONDS = 10.0
"""For an answer to come over, before others are listened to."""
_NOBODY_SECONDS = 300.0
"""For which there may be nobody who can grade."""


@dataclass(eq=False)
class _Worker:
    address: str
    problem: str | None = None
    """Why it cannot grade; empty if it can, None before it has said."""
    task: Future | None = None
    """What it was given and has not answered."""
    job: Job | None = None
    """What that grades; None where it is asked whether it can."""


class Crew:
    """Each worker has one task at a time, which no other may take: so it is known whose task a worker ended with, and
    nobody is blamed who only stood in line there.
    """

    def __init__(self, client: Client, desk: str, say: Callable[[str], None]) -> None:
        """`desk` is the name of the run's desks."""
        self._client, self._desk, self._say = client, desk, say
        self._workers: dict[str, _Worker] = {}
        self._ended: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._mustered = False
        self._looked, self._able = -_LOOK_SECONDS, time.monotonic()
        """When somebody last looked who is there, and when there was one who can grade."""

    def muster(self, seconds: float) -> bool:
        """Whether all who are there can grade; waits so long for them to say so. Raises UsageError where one cannot."""
        list(self.wait(seconds))
        said = {worker.address: worker.problem for worker in self._workers.values()}
        if not said or None in said.values():
            return False
        if odd := [f"{address} {problem}" for address, problem in sorted(said.items()) if problem]:
            raise UsageError(put_right(odd))
        self._mustered = True
        self._say(tr("Workers of the cluster: {count}", count=len(said)))
        return True

    @property
    def idle(self) -> list[str]:
        """Addresses of those who can grade and have nothing to do."""
        return [worker.address for worker in self._workers.values() if worker.problem == "" and worker.task is None]

    @property
    def busy(self) -> bool:
        """Whether anything is being graded."""
        return any(worker.job is not None for worker in self._workers.values())

    def give(self, address: str, job: Job) -> None:
        """Have an idle worker grade."""
        worker = self._workers[address]
        worker.job = job
        whole = msgspec.structs.replace(job, path=b"", handed_in=collect(job.place))
        self._ask(worker, grade, msgspec.json.encode(whole))

    def wait(self, seconds: float) -> Iterator[tuple[Job, Answer | None]]:
        """What comes of jobs, waiting at most so long for the first; None as the answer of what a worker ended with.

        Raises GradersGoneError when nobody is left.
        """
        yield from self._look()
        with contextlib.suppress(queue.Empty):
            worker = self._ended.get(timeout=seconds)
            while True:
                yield from self._hear(worker)
                worker = self._ended.get_nowait()

    def _look(self) -> Iterator[tuple[Job, None]]:
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        here = self._here()
        for address in here - self._workers.keys():
            self._workers[address] = _Worker(address)
            self._ask(self._workers[address], problem)
        for address in self._workers.keys() - here:
            worker = self._workers.pop(address)
            if worker.task is not None:
                worker.task.release()  # a cluster whose scheduler we did not start would wait for ever to do it
            if worker.job is not None:
                yield worker.job, None
        if any(worker.problem == "" for worker in self._workers.values()):
            self._able = now
        elif now - self._able > _NOBODY_SECONDS:
            raise GradersGoneError(tr("the cluster has no workers that can grade"))

    def _here(self) -> set[str]:
        self._require_scheduler()
        try:
            return set(self._client.nthreads())
        except (OSError, TooLate) as error:
            raise _scheduler_gone() from error

    def _require_scheduler(self) -> None:
        if self._client.status != "running":
            raise _scheduler_gone()

    def _ask(self, worker: _Worker, what: Callable[..., object], *about: object) -> None:
        self._require_scheduler()
        # Not pure: or an answer that there was once would be taken for this one.
        worker.task = self._client.submit(what, self._desk, *about, workers=[worker.address], pure=False)
        worker.task.add_done_callback(lambda _: self._ended.put(worker))

    def _hear(self, worker: _Worker) -> Iterator[tuple[Job, Answer | None]]:
        task, job = worker.task, worker.job
        if task is None or self._workers.get(worker.address) is not worker:
            return  # it has gone meanwhile
        if task.status == "cancelled":
            raise _scheduler_gone()
        try:
            said = task.exception() if task.status == "error" else task.result(timeout=_ANSWER_SECONDS)
        except TooLate:  # the worker may have gone
            self._ended.put(worker)
            return
        task.release()  # what is held is done again when the worker dies that has it
        worker.task = worker.job = None
        if job is not None:
            yield job, _answer(said)
        else:
            worker.problem = said if isinstance(said, str) else f"says: {said!r}"
            if worker.problem and self._mustered:
                self._say(tr("Not used: {worker} {problem}", worker=worker.address, problem=worker.problem))


def _scheduler_gone() -> GradersGoneError:
    return GradersGoneError(tr("the cluster's scheduler has gone"))


def _answer(said: object) -> Answer | None:
    """Of what a task came to, bytes or an error."""
    if isinstance(said, bytes):
        return msgspec.json.decode(said, type=Answer)
    return None if isinstance(said, KilledWorker) else Answer(fault=f"on the cluster: {said!r}")
