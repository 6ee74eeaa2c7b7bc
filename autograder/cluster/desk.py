"""Where a worker of the cluster grades: a zygote, a grader, and the bundle's files. Knows nothing of Dask.

Bytes come in and go out; nothing that a student touched is unpickled.
"""

from __future__ import annotations

import os
import threading
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from autograder.batch.grader import Answer
from autograder.batch.graders import GRADER, START_SECONDS, STOPPED
from autograder.cluster.bundle import ENGINE, Bundle, difference, facts_of, unpack
from autograder.errors import UsageError
from autograder.sandbox.launcher import Zygote
from autograder.sandbox.scratch import PLACE, RunScratch


class Desk:
    """Asked first for its `problem`, and if there is none, for one answer at a time. May be closed at any moment."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._lock = threading.Lock()
        self._closed = False
        self._folders: list[RunScratch] = []
        self._zygote: Zygote | None = None
        self._grader: Connection | None = None
        self._setup = bundle.setup

    def problem(self) -> str:
        """Make everything ready. Why nothing can be graded here, if so: what this worker has or says."""
        try:
            self._lay_out()
            report = self._new_zygote().report()
            if problem := difference(facts_of(self._setup, report), self._bundle.facts):
                return problem
            self._new_grader()
        except UsageError as error:
            return f"says: {error}"
        except (OSError, EOFError) as error:
            return f"has no grader: {error!r}"
        return ""

    def grade(self, task: bytes) -> bytes:
        """The Answer to a Job, both as a grader has them. After a fault, the next one has another zygote and grader."""
        answer = self._ask(task) or Answer(fault=STOPPED)
        if answer.fault:
            self._end_zygote()
        said = msgspec.json.encode(answer)
        # Tracebacks, which instructors see, name files.
        for here, there in ((self._setup.root, self._bundle.setup.root), (str(ENGINE), self._bundle.engine)):
            said = said.replace(_beginning(here), _beginning(there))
        return said

    def close(self) -> None:
        """End what is at work, and leave nothing on the disk."""
        with self._lock:
            self._closed = True
        self._end_zygote()
        for folder in self._folders:
            folder.cleanup()

    def _ask(self, task: bytes) -> Answer | None:
        """None where there is no grader, or it dies or takes too long."""
        try:
            grader = self._grader or self._new_grader()
            grader.send_bytes(task)
            return _answer(grader, self._bundle.patience)
        except UsageError as error:
            return Answer(fault=str(error))
        except (EOFError, OSError, msgspec.DecodeError):
            return None

    def _lay_out(self) -> None:
        with self._lock:
            self._require_open()
            # These remove what workers left behind that were killed.
            self._folders = private, scratch = [RunScratch(PLACE), RunScratch(PLACE)]
            scratch.let_others_pass()
            root = Path(private.name, "project")
            unpack(self._bundle.files, root)
            self._setup = msgspec.structs.replace(self._bundle.setup, root=str(root), scratch=scratch.name)

    def _new_zygote(self) -> Zygote:
        with self._lock:
            self._require_open()
            self._zygote = Zygote("none" if self._setup.isolation == "none" else "full")
            return self._zygote

    def _new_grader(self) -> Connection:
        """One that is ready. Raises UsageError where suites cannot be collected, EOFError where it ends."""
        zygote = self._zygote or self._new_zygote()
        _, jobs = zygote.fork_grader(GRADER)
        grader = Connection(jobs.detach())
        grader.send_bytes(msgspec.json.encode(self._setup))
        if said := _answer(grader, START_SECONDS).usage_error:
            raise UsageError(said)
        self._grader = grader
        return grader

    def _end_zygote(self) -> None:
        """And with it everything that it forked: whoever waits for an answer hears that there is none."""
        with self._lock:
            if self._zygote is not None:
                self._zygote.close()
            self._zygote = self._grader = None

    def _require_open(self) -> None:
        if self._closed:
            raise EOFError("the run has ended")


def _answer(grader: Connection, patience: float) -> Answer:
    if not grader.poll(patience):
        raise EOFError
    return msgspec.json.decode(grader.recv_bytes(), type=Answer)


def _beginning(folder: str) -> bytes:
    """The beginning of names of files in it, inside of JSON."""
    return msgspec.json.encode(f"{folder}{os.sep}")[1:-1]
