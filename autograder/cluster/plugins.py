"""What Dask is given: a desk on each worker for as long as a run lasts, and the two things that a worker is asked."""

from __future__ import annotations

import asyncio

from distributed import Scheduler, SchedulerPlugin, Worker, WorkerPlugin, get_worker

from autograder.cluster.bundle import Bundle
from autograder.cluster.desk import Desk


class DeskPlugin(WorkerPlugin):
    """A run's desk on a worker. It goes, with the solutions on the worker's disk, when the run or the worker ends."""

    def __init__(self, name: str, bundle: Bundle) -> None:
        """`name` is the run's own."""
        self.name, self._bundle = name, bundle

    def setup(self, worker: Worker) -> None:
        """Called on each worker, also on one that comes later."""
        self.desk = Desk(self._bundle)

    async def teardown(self, worker: Worker) -> None:
        """Called when the plugin is taken away, and when the worker is closed."""
        await asyncio.to_thread(self.desk.close)


class Farewell(SchedulerPlugin):
    """Takes a run's desks away when whoever started it has gone without doing so: killed, or cut off."""

    def __init__(self, name: str, client: str) -> None:
        self.name, self._desk, self._client = f"{name}-farewell", name, client

    def remove_client(self, scheduler: Scheduler, client: str) -> None:
        """Called when a client has gone."""
        if client == self._client:
            scheduler.remove_plugin(name=self.name)
            if self._desk in scheduler.worker_plugins:
                scheduler.loop.add_callback(scheduler.unregister_worker_plugin, None, self._desk)


def problem(name: str) -> str:
    """On a worker: why it cannot grade, if so."""
    return _desk(name).problem()


def grade(name: str, task: bytes) -> bytes:
    """On a worker: the answer of the run's desk."""
    return _desk(name).grade(task)


def _desk(name: str) -> Desk:
    desk: Desk = get_worker().plugins[name].desk
    return desk
