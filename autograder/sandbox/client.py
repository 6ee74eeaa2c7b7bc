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


class WorkerSupply:
    """A grader's own line to the zygote."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._slot = os.getpid() * 7  # graders use different user ids, so that their workers cannot meet

    def fork(self, module: str, allowance: Allowance, scratch: Path | None) -> tuple[int, socket.socket]:
        """A fresh worker: its process id and the socket to talk to it. Raises OSError when it cannot be forked."""
        self._slot += 1
        order = WorkerOrder(module, str(scratch or ""), self._slot, allowance)
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._line, [b"W" + order.to_bytes()], [theirs.fileno()])
            answer: int = _NUMBER.unpack(self._line.recv(_NUMBER.size))[0]
        if answer <= 0:
            ours.close()
            raise OSError(-answer, f"no worker could be forked: {os.strerror(-answer)}")
        return answer, ours

    def end(self, pid: int) -> int:
        """Kill a worker and everything that it started; its wait status (of its own end, if that came first)."""
        self._line.send(b"R" + _NUMBER.pack(pid))
        status: int = _NUMBER.unpack(self._line.recv(_NUMBER.size))[0]
        return status


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
        self._worker: tuple[int, socket.socket] | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._spent = 0.0
        self._timeouts = 0
        self.forks = 0

    def exchange(self, question: Message) -> Message:
        """The worker's answer. Raises SubjectTimeout or SubjectDied; the next question goes to a fresh worker then."""
        if self._timeouts >= self._limits.timeouts:
            raise SubjectTimeout("Timeout", "Not run: earlier checks of this exercise already ran out of time.")
        if self._spent >= self._limits.exercise:
            raise SubjectTimeout("Timeout", f"Not run: the {self._limits.exercise:g} s for this exercise are used up.")
        loading = isinstance(question.body, dict) and question.body.get("op") == "load"
        allowed = self._limits.load if loading else self._limits.question
        started = time.monotonic()
        deadline = started + min(allowed, self._limits.exercise - self._spent)
        try:
            _, connection = self._worker = self._worker or self._fork()
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

    def _fork(self) -> tuple[int, socket.socket]:
        self.forks += 1
        self._scratch = tempfile.TemporaryDirectory(prefix="autograder-", ignore_cleanup_errors=True)
        return self._supply.fork(self._module, self._allowance, Path(self._scratch.name))

    def _end(self) -> int:
        status = 0
        if self._worker is not None:
            pid, connection = self._worker
            self._worker = None
            status = self._supply.end(pid)
            connection.close()
        if self._scratch is not None:
            with contextlib.suppress(OSError):
                self._scratch.cleanup()
            self._scratch = None
        return status


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
