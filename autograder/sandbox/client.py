"""The grader's end of the boundary: asks the zygote for workers, and keeps the clock while they answer."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import msgspec

from autograder.language import mark, tr
from autograder.sandbox.framing import (
    ANSWER,
    LOOK_SECONDS,
    Budget,
    ConnectionEnded,
    Frame,
    Incoming,
    Patience,
    decode_reply,
    encode,
    frame_of,
    receive_frame,
    send_bytes,
)
from autograder.sandbox.isolation import Allowance, TimeLimits
from autograder.sandbox.protocol import Load, Message, Question
from autograder.sandbox.scratch import Scratch
from autograder.sandbox.session import (
    NoWorkerError,
    SubjectDied,
    SubjectTimeout,
    misunderstood,
    not_run,
    took_too_long,
)
from autograder.sandbox.values import MalformedMessage
from autograder.sandbox.worker import LOST, READY, WorkerOrder

_NUMBER = struct.Struct("<q")
_LOST_CONNECTION = mark(
    "The Python process that ran your code was ended (it closed its connection, or ran out of memory)."
)


@dataclass
class Worker:
    """A worker process, the socket to talk to it, and the one folder that it may write to."""

    allowance: Allowance
    connection: socket.socket
    scratch: Scratch
    pid: int = 0
    """0 as long as the zygote has not answered; an error number, below 0, where it could not be forked."""

    def remove_traces(self) -> None:
        """Hang up, and remove the folder."""
        self.connection.close()
        self.scratch.cleanup()


class WorkerSupply:
    """A grader's own line to the zygote. Requests are answered in order, and only awaited where it is necessary."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._due: deque[Callable[[int], None]] = deque()
        """What to do with the answers that are still to come."""

    def start(self, allowance: Allowance) -> Worker:
        """A fresh worker with a scratch folder of its own. Raises OSError when it cannot be forked."""
        return self._forked(self._order(allowance))

    def end(self, worker: Worker) -> int:
        """As `dismiss`, at once; its wait status (of its own end, if that came first)."""
        statuses: list[int] = []
        self.dismiss(worker, statuses.append)
        self.settle()
        return statuses[0]

    def dismiss(self, worker: Worker, told: Callable[[int], None] = lambda status: None) -> None:
        """Have a worker killed, with everything that it started, and its traces removed, by the next `settle`."""

        def ended(status: int) -> None:
            worker.remove_traces()
            told(status)

        self._ask(b"R" + _NUMBER.pack(worker.pid), [], ended)

    def settle(self) -> None:
        """Wait until the zygote has done all that it was asked."""
        while self._due:
            self._hear()

    def _hear(self) -> None:
        """Take the answer that is due next."""
        # Off the list first: when the zygote is gone, every caller is to see that, and none to wait.
        answered = self._due.popleft()
        answer = self._line.recv(_NUMBER.size)
        if not answer:
            raise OSError("the process that forks workers has ended")
        answered(_NUMBER.unpack(answer)[0])

    def _ask(self, request: bytes, sockets: list[int], answered: Callable[[int], None]) -> None:
        socket.send_fds(self._line, [request], sockets)
        self._due.append(answered)

    def _order(self, allowance: Allowance) -> Worker:
        """A worker that is asked for, and may not be there yet."""
        ours, theirs = socket.socketpair()
        worker = Worker(allowance, ours, Scratch())
        order = WorkerOrder(worker.scratch.name, allowance)
        with theirs:
            self._ask(b"W" + msgspec.json.encode(order), [theirs.fileno()], partial(setattr, worker, "pid"))
        return worker

    def _forked(self, worker: Worker) -> Worker:
        """A worker that was asked for, once it is there. Raises OSError when it could not be forked."""
        while not worker.pid:
            self._hear()
        if worker.pid < 0:
            worker.remove_traces()
            raise OSError(-worker.pid, f"no worker could be forked: {os.strerror(-worker.pid)}")
        return worker


class ForwardSupply(WorkerSupply):
    """Has the next worker forked and confined while the present one is at work, on another core if there is one."""

    def __init__(self, line: socket.socket) -> None:
        super().__init__(line)
        self._spare: Worker | None = None

    def start(self, allowance: Allowance) -> Worker:
        if self._spare is not None and self._spare.allowance != allowance:
            self.close()
        worker, self._spare = self._spare or self._order(allowance), None
        self._forked(worker)
        self._spare = self._order(allowance)
        return worker

    def close(self) -> None:
        """End the worker that nobody has come for."""
        self.settle()
        spare, self._spare = self._spare, None
        if spare is not None:
            with contextlib.suppress(OSError):  # it was never forked
                self.dismiss(self._forked(spare))
            self.settle()


class WorkerClock:
    """Time as a worker has it, read by its grader: what it stands in line for a processor that others use costs it
    nothing. A busy machine would otherwise take marks away, and the same seed would not give the same results.

    Where the kernel tells nothing, as on macOS, nothing is late.
    """

    def __init__(self, pid: int) -> None:
        self._processor = (~pid << 3) | 2  # as clock_getcpuclockid(3) makes it of a process
        self._lines: list[int] = []
        if sys.platform == "linux":
            # While the grader stands in line itself, an answer that came in time is not read.
            for process in (str(pid), "thread-self"):
                with contextlib.suppress(OSError):
                    self._lines.append(os.open(f"/proc/{process}/schedstat", os.O_RDONLY | os.O_CLOEXEC))
        self._start = self._read() if self._lines else (0.0, 0.0)

    def late(self) -> float:
        """Seconds since its start that do not count: those in line for a processor, unless its own threads had it."""
        try:
            waited, idle = self._read() if self._lines else (0.0, 0.0)
        except OSError:  # it has ended
            return 0.0
        return max(0.0, min(waited - self._start[0], idle - self._start[1]))

    def close(self) -> None:
        """Read no more of it."""
        while self._lines:
            os.close(self._lines.pop())

    def _read(self) -> tuple[float, float]:
        """Seconds that its main thread and the grader stood in line, and those in which none of its threads worked."""
        waited = sum(int(os.pread(line, 80, 0).split()[1]) for line in self._lines) * 1e-9
        return waited, time.monotonic() - time.clock_gettime(self._processor)


_READY = frame_of(READY)
_START_SECONDS = 120.0
"""In which a worker is forked and confined, on the busiest machine."""
_MOST_LATE = 9
"""How often the time for an answer is given once more to a worker that never gets a processor: all ends some time."""


class WorkerLine:
    """Carries questions to a worker, and replaces it by a fresh one after it died or ran out of time."""

    def __init__(self, supply: WorkerSupply, allowance: Allowance, limits: TimeLimits) -> None:
        self._supply, self._allowance, self._limits = supply, allowance, limits
        self._worker: Worker | None = None
        self._incoming: Incoming | None = None
        """Where its answers arrive; None until it has said that it is confined."""
        self._clock: WorkerClock | None = None
        self._unsent = b""
        """Questions that are not answered: they go with the next."""
        self._spent = 0.0
        self._late = 0.0
        """How much of that does not count, as far as workers that are gone are concerned."""
        self._next_look = 0.0
        """When its files are to be counted again."""
        self._room = Budget(limits.answer_bytes)
        # Whoever sends a tensor holds it four times: as it is, copied, as bytes, and within the message.
        self._bounds = replace(ANSWER, payload=min(ANSWER.payload, allowance.memory_mb << 18))
        self._began = time.process_time()
        self._timeouts = 0
        self.forks = 0

    def exchange(self, question: Message) -> Message:
        """The worker's answer. Raises SubjectTimeout or SubjectDied; the next question goes to a fresh worker then.

        Raises NoWorkerError when there is none to ask, MalformedMessage for more than can be asked at once.
        """
        data = encode(question)
        try:
            answer = self._carry(data, question.body)
            return READY if answer is None else self._read(answer)
        except MalformedMessage as error:  # nobody listens to that worker any more
            self._end()
            raise misunderstood(error) from None

    def _carry(self, data: bytes, question: Question) -> Frame | None:
        """Put a question, encoded as `data`; the answer as it came, None to one that is not answered.

        Raises as `exchange` does, and MalformedMessage.
        """
        if self._timeouts >= self._limits.timeouts:
            raise not_run()
        if self._left() <= 0:
            raise SubjectTimeout(
                "Timeout",
                tr("Not run: the {seconds:g} s for this exercise are used up.", seconds=self._limits.exercise),
            )
        if time.process_time() - self._began >= self._limits.comparing:
            raise SubjectTimeout("Timeout", tr("Not run: comparing what your code returned takes too long."))
        if not question.answered:
            self._unsent += data
            return None
        loading = isinstance(question, Load)
        limit = self._limits.load if loading else self._limits.question
        try:
            self._look_at_disk()
            connection, incoming, clock = self._connect()
            allowed = min(limit, self._left())
            started = time.monotonic()
            patience = Patience(started + allowed, self._look_at_disk, lambda: min(clock.late(), _MOST_LATE * allowed))
            try:
                unsent, self._unsent = self._unsent, b""
                send_bytes(connection, unsent + data, patience)
                return receive_frame(incoming, self._bounds, patience, self._room)
            finally:
                self._spent += time.monotonic() - started
        except TimeoutError:
            self._timeouts += 1
            self._end()
            if allowed == limit:
                raise took_too_long(loading, limit) from None
            text = tr(
                "Stopped: with this call, the {seconds:g} s for this exercise were used up. Is every call slow?",
                seconds=self._limits.exercise,
            )
            raise SubjectTimeout("Timeout", text) from None
        except _DiskFilled:
            self._end()
            text = tr(
                "Your code wrote more than {size} MB of files, or more than {files} files, and was stopped. What "
                "cannot be counted is too much.",
                size=self._allowance.disk_mb,
                files=self._allowance.files,
            )
            raise SubjectDied("ProcessEnded", text) from None
        except ConnectionEnded:
            raise SubjectDied("ProcessEnded", _how_it_ended(self._end())) from None

    def _left(self) -> float:
        """Seconds that are left for this exercise; what does not count is only looked at when they run short."""
        left = self._limits.exercise - self._spent
        if left < max(self._limits.load, self._limits.question):
            left += self._late + (self._clock.late() if self._clock is not None else 0.0)
        return left

    def _read(self, answer: Frame) -> Message:
        """What an answer says. Raises MalformedMessage."""
        started = time.process_time()
        try:
            return decode_reply(*answer, self._bounds)
        finally:
            self._spent += time.process_time() - started

    def _look_at_disk(self) -> None:
        """Raises _DiskFilled when the worker has written more than it may.

        Looks from time to time, and however quickly it answers. In a root of its own, its files are not to be seen from
        here, and the kernel sees to it.
        """
        if self._worker is None or time.monotonic() < self._next_look:
            return
        if _bytes_in(self._worker.scratch.name, self._allowance.files) > self._allowance.disk_mb << 20:
            raise _DiskFilled
        self._next_look = time.monotonic() + LOOK_SECONDS

    def _connect(self) -> tuple[socket.socket, Incoming, WorkerClock]:
        """Both ends of the worker, and its clock. It is forked if there is none, and confined: all that is our time.

        Raises NoWorkerError.
        """
        if self._worker is None:
            self.forks += 1
            try:
                self._worker = self._supply.start(self._allowance)
            except OSError as error:
                raise NoWorkerError(str(error)) from error
        if self._incoming is None or self._clock is None:
            incoming = Incoming(self._worker.connection)
            try:
                if receive_frame(incoming, self._bounds, Patience(time.monotonic() + _START_SECONDS)) != _READY:
                    raise MalformedMessage("a worker does not say that it is confined")
            except TimeoutError:
                self._end()
                raise NoWorkerError(f"a worker was not ready within {_START_SECONDS:g} s") from None
            except ConnectionEnded:
                self._end()
                raise NoWorkerError("a worker ended before it was confined, so nothing was run in it") from None
            self._incoming, self._clock = incoming, WorkerClock(self._worker.pid)
        return self._worker.connection, self._incoming, self._clock

    def close(self) -> None:
        """Have the worker ended and its scratch folder removed."""
        worker = self._forget()
        if worker is not None:
            self._supply.dismiss(worker)

    def _forget(self) -> Worker | None:
        worker, self._worker, self._incoming, self._unsent = self._worker, None, None, b""
        if self._clock is not None:
            self._late += self._clock.late()
            self._clock.close()
            self._clock = None
        return worker

    def _end(self) -> int:
        worker = self._forget()
        return 0 if worker is None else self._supply.end(worker)


class _DiskFilled(Exception):
    """A worker's scratch folder holds too much."""


_LONGEST_PATH = 2_000
"""Characters; what lies deeper than the kernel's limit could not be counted."""
_TOO_MUCH = 1 << 62


def _bytes_in(top: str, most: int) -> int:
    """What the files below a folder take up on disk. A number that is surely too large when there are more than `most`,
    and when something cannot be counted.
    """
    waiting, files, total = [top], 0, 0
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    files += 1
                    with contextlib.suppress(FileNotFoundError):  # files may come and go meanwhile
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
                    if files > most or len(entry.path) > _LONGEST_PATH:
                        return _TOO_MUCH
        except FileNotFoundError:
            continue
        except PermissionError:
            # A root without all his rights cannot look into another user's folder at all: nobody's fault.
            return 0 if folder == top else _TOO_MUCH
    return total


def _how_it_ended(status: int) -> str:
    """The wait status of a worker in words."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGSEGV:
            return tr("Your code crashed the Python process (segmentation fault).")
        if number == signal.SIGXCPU:
            return tr("Your code used up its processor time and was stopped.")
        if number == signal.SIGKILL:
            return tr(_LOST_CONNECTION)
        return tr("Your code crashed the Python process ({name}).", name=signal.Signals(number).name)
    if os.WEXITSTATUS(status) == LOST:  # it noticed before it was killed
        return tr(_LOST_CONNECTION)
    return tr(
        "Your code ended the Python process (exit status {status}) instead of returning a result.",
        status=os.WEXITSTATUS(status),
    )
