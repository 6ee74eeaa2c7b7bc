"""The grader's end of the boundary: asks the zygote for workers, and keeps the clock while they answer."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.framing import Bounds, ConnectionEnded, receive, send
from autograder.sandbox.isolation import Allowance
from autograder.sandbox.session import SubjectDied, SubjectTimeout
from autograder.sandbox.values import MalformedMessage, Message
from autograder.sandbox.worker import LOST, WorkerOrder

_NUMBER = struct.Struct("<q")
_LOST_CONNECTION = "The Python process that ran your code was ended (it closed its connection, or ran out of memory)."


class NoWorkerError(Exception):
    """The machine cannot start a worker: a fault of ours, which must not cost a student anything."""


@dataclass
class Worker:
    """A worker process, the socket to talk to it, and the one folder that it may write to."""

    pid: int
    connection: socket.socket
    scratch: tempfile.TemporaryDirectory[str]


class WorkerSupply:
    """A grader's own line to the zygote."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._slot = os.getpid() * 7  # graders use different user ids, so that their workers cannot meet

    def fork(self, module: str, allowance: Allowance, scratch: Path | None) -> tuple[int, socket.socket]:
        """A fresh worker: its process id and the socket to talk to it. Raises OSError when it cannot be forked."""
        return self._forked(self._order(module, allowance, scratch))

    def start(self, module: str, allowance: Allowance) -> Worker:
        """A fresh worker with a scratch folder of its own, for the file that is imported as `module`."""
        scratch = _scratch()
        return Worker(*self.fork(module, allowance, Path(scratch.name)), scratch)

    def end(self, pid: int) -> int:
        """Kill a worker and everything that it started; its wait status (of its own end, if that came first)."""
        self._line.send(b"R" + _NUMBER.pack(pid))
        return self._answer()

    def _order(self, module: str, allowance: Allowance, scratch: Path | None) -> socket.socket:
        """Ask for a worker; the zygote's answer is its process id."""
        self._slot += 1
        order = WorkerOrder(module, str(scratch or ""), self._slot, allowance)
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._line, [b"W" + order.to_bytes()], [theirs.fileno()])
        return ours

    def _forked(self, connection: socket.socket) -> tuple[int, socket.socket]:
        """The answer to an order."""
        answer = self._answer()
        if answer <= 0:
            connection.close()
            raise OSError(-answer, f"no worker could be forked: {os.strerror(-answer)}")
        return answer, connection

    def _answer(self) -> int:
        answer: int = _NUMBER.unpack(self._line.recv(_NUMBER.size))[0]
        return answer


class ForwardSupply(WorkerSupply):
    """Has the next worker forked and confined while the present one is at work, on another core if there is one."""

    def __init__(self, line: socket.socket) -> None:
        super().__init__(line)
        self._ordered: tuple[Allowance, socket.socket, tempfile.TemporaryDirectory[str]] | None = None
        self._spare: tuple[Allowance, Worker] | None = None

    def start(self, module: str, allowance: Allowance) -> Worker:
        self._settle()
        if self._spare is None or self._spare[0] != allowance:
            self._order_spare(allowance)
            self._settle()
        assert self._spare is not None
        _, worker = self._spare
        self._spare = None
        self._order_spare(allowance)
        return worker

    def fork(self, module: str, allowance: Allowance, scratch: Path | None) -> tuple[int, socket.socket]:
        self._settle()
        return super().fork(module, allowance, scratch)

    def end(self, pid: int) -> int:
        self._settle()
        return super().end(pid)

    def close(self) -> None:
        """End the worker that nobody has come for."""
        self._settle()
        if self._spare is not None:
            _, worker = self._spare
            self._spare = None
            super().end(worker.pid)
            worker.connection.close()
            worker.scratch.cleanup()

    def _order_spare(self, allowance: Allowance) -> None:
        scratch = _scratch()
        # Which file it will run is not known yet; the first question says under which name.
        self._ordered = allowance, self._order("exercise", allowance, Path(scratch.name)), scratch

    def _settle(self) -> None:
        """Read the zygote's answer to the order that is out: it comes before any other."""
        if self._ordered is not None:
            allowance, connection, scratch = self._ordered
            self._ordered = None
            self._spare = allowance, Worker(*self._forked(connection), scratch)


@dataclass(frozen=True)
class TimeLimits:
    """Wall-clock limits in seconds, kept by the grader."""

    load: float = 15.0
    question: float = 10.0
    exercise: float = 60.0
    timeouts: int = 2
    """After so many questions without an answer in time, the rest of the exercise is not asked."""


class WorkerLine:
    """Carries questions to a worker, and replaces it by a fresh one after it died or ran out of time."""

    def __init__(self, supply: WorkerSupply, module: str, allowance: Allowance, limits: TimeLimits) -> None:
        self._supply, self._module, self._allowance, self._limits = supply, module, allowance, limits
        self._worker: Worker | None = None
        self._spent = 0.0
        self._timeouts = 0
        self.forks = 0

    def exchange(self, question: Message) -> Message:
        """The worker's answer. Raises SubjectTimeout or SubjectDied; the next question goes to a fresh worker then.

        Raises NoWorkerError when there is none to ask.
        """
        if self._timeouts >= self._limits.timeouts:
            raise SubjectTimeout("Timeout", "Not run: earlier checks of this exercise already ran out of time.")
        if self._spent >= self._limits.exercise:
            raise SubjectTimeout("Timeout", f"Not run: the {self._limits.exercise:g} s for this exercise are used up.")
        loading = isinstance(question.body, dict) and question.body.get("op") == "load"
        allowed = self._limits.load if loading else self._limits.question
        started = time.monotonic()
        deadline = started + min(allowed, self._limits.exercise - self._spent)
        try:
            self._worker = self._worker or self._start()
            connection = self._worker.connection
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            send(connection, question)
            return receive(connection, Bounds(), deadline)
        except TimeoutError:
            self._timeouts += 1
            self._end()
            what = "Importing your file" if loading else "One call of your code"
            text = f"{what} took longer than {allowed:g} s and was stopped. Is there a loop that does not end?"
            raise SubjectTimeout("Timeout", text) from None
        except ConnectionEnded:
            raise SubjectDied("ProcessEnded", _how_it_ended(self._end())) from None
        except MalformedMessage as error:
            self._end()
            raise SubjectDied("ProtocolError", f"the answer could not be read: {error}") from None
        finally:
            self._spent += time.monotonic() - started

    def close(self) -> None:
        """End the worker and remove its scratch folder."""
        self._end()

    def _start(self) -> Worker:
        self.forks += 1
        try:
            return self._supply.start(self._module, self._allowance)
        except OSError as error:
            raise NoWorkerError(str(error)) from error

    def _end(self) -> int:
        worker, self._worker = self._worker, None
        if worker is None:
            return 0
        status = self._supply.end(worker.pid)
        worker.connection.close()
        with contextlib.suppress(OSError):
            worker.scratch.cleanup()
        return status


def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="autograder-", ignore_cleanup_errors=True)


def _how_it_ended(status: int) -> str:
    """The wait status of a worker in words."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGSEGV:
            return "Your code crashed the Python process (segmentation fault)."
        if number == signal.SIGXCPU:
            return "Your code used up its processor time and was stopped."
        if number == signal.SIGKILL:
            return _LOST_CONNECTION
        return f"Your code crashed the Python process ({signal.Signals(number).name})."
    if os.WEXITSTATUS(status) == LOST:  # it noticed before it was killed
        return _LOST_CONNECTION
    return f"Your code ended the Python process (exit status {os.WEXITSTATUS(status)}) instead of returning a result."
