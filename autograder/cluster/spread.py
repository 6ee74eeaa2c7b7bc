"""Hands a class to the workers of a cluster, as `Batch` does to graders of this computer."""

from __future__ import annotations

import contextlib
import secrets
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence

from distributed import Client

from autograder.batch.grader import Answer, Job, Setup
from autograder.batch.graders import LOOK_UP_SECONDS, STOPPED, Done, Started
from autograder.cluster.bundle import Bundle, bundle_of
from autograder.cluster.connect import client_of
from autograder.cluster.crew import Crew
from autograder.cluster.plugins import DeskPlugin, Farewell
from autograder.errors import UsageError
from autograder.sandbox.isolation import Report


class Spread:
    """Workers at work on a list of submissions. Iterate over `events` once."""

    def __init__(
        self,
        address: str,
        workers: int,
        setup: Setup,
        report: Report,
        say: Callable[[str], None] = lambda text: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """`address` and `workers` are as for `client_of`; `report` is what this computer's zygote found.

        Once `stop` says so, events end and what is at work is ended.
        """
        self._address, self._workers, self._setup, self._report = address, workers, setup, report
        self._say, self._stop = say, stop

    def events(self, jobs: Sequence[Job]) -> Generator[Started | Done]:
        """What happens, as it happens.

        Raises UsageError when a worker is not like this computer, before any task, and GradersGoneError when nobody is
        left to grade.
        """
        if jobs:
            bundle = bundle_of(self._setup, self._report)
            with client_of(self._address, self._workers) as client, desks(client, bundle) as name:
                yield from self._events(Crew(client, name, self._say), jobs)

    def _events(self, crew: Crew, jobs: Sequence[Job]) -> Generator[Started | Done]:
        waiting, tried = deque(jobs), Counter[Job]()
        while not self._stop() and not crew.muster(LOOK_UP_SECONDS):
            pass
        while (waiting or crew.busy) and not self._stop():
            for worker in crew.idle[: len(waiting)]:
                job = waiting.popleft()
                crew.give(worker, job)
                yield Started(job)
            for job, answer in crew.wait(LOOK_UP_SECONDS):
                tried[job] += 1
                if (answer is None or answer.fault) and tried[job] == 1:
                    waiting.append(job)  # at the end, where what was in its way may be gone, and elsewhere perhaps
                else:
                    yield Done(job, answer or Answer(fault=STOPPED))


@contextlib.contextmanager
def desks(client: Client, bundle: Bundle) -> Iterator[str]:
    """The name of a run's desks, one on each worker for as long as this lasts, and no longer than the client."""
    name = f"autograder-{secrets.token_hex(8)}"
    try:
        client.register_plugin(Farewell(name, client.id))
    except Exception as error:
        raise UsageError(f"the cluster's scheduler has another autograder, or none: {error!r}") from error
    try:
        # Where this fails, a worker is asked for its problem in a moment, and has one.
        with contextlib.suppress(Exception):
            client.register_plugin(DeskPlugin(name, bundle))
        yield name
    finally:
        with contextlib.suppress(Exception):  # a scheduler that has gone
            client.unregister_worker_plugin(name)
