"""Starts the zygote and asks it for graders. Imports no torch: the coordinator that uses this has no need of it."""

from __future__ import annotations

import contextlib
import socket
import struct
import subprocess
import sys
from typing import TYPE_CHECKING

from autograder.errors import UsageError

if TYPE_CHECKING:
    from autograder.sandbox.isolation import Report

_NUMBER = struct.Struct("<q")
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


# As with `python -I -m`, which would not heed PYTHONHASHSEED: nothing is imported from the working directory.
_START = "import sys; del sys.path[0]; from autograder.sandbox.zygote import run; run()"


class ZygoteDiedError(OSError):
    """The process that forks graders and workers has ended, and with it all of them."""

    def __str__(self) -> str:
        return "the process that starts graders and workers has ended (killed, or out of memory?)"


class Zygote:
    """The coordinator's handle on the zygote process."""

    def __init__(self, isolation: str = "full") -> None:
        """Start it; returns at once, while torch is being imported. `isolation` is "full" or "none".

        Raises UsageError where this Python cannot be started again.
        """
        ours, theirs = _line()
        our_reading, their_reading = _line()
        # Nothing of our environment goes in: what is not there cannot be read by a submission.
        environment = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": "/nonexistent",
            "USER": "student",
            # The order of sets is the same in every run.
            "PYTHONHASHSEED": "0",
            # `torch.compile` stands for nothing in a worker; this is for whoever asks its parts.
            "TORCHDYNAMO_DISABLE": "1",
            # The heap, a hundred megabytes once torch is imported, in huge pages: to fork and to end a worker goes
            # by the number of pages, and takes two thirds of the time then.
            "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        }
        environment.update(dict.fromkeys(_THREADS, "1"))
        with theirs, their_reading:
            passed = theirs.fileno(), their_reading.fileno()
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-s", "-c", _START, *map(str, passed), isolation],
                    env=environment,
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=passed,
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                our_reading.close()
                raise UsageError(
                    f"{sys.executable} cannot be started by this user: {error.strerror}. Perhaps it lies where only "
                    "another may go; use a Python that you may run: make setup PYTHON=/usr/bin/python3"
                ) from None
        self._line, self._reading = ours, our_reading
        self._report: Report | None = None

    @property
    def pid(self) -> int:
        """Process id of the zygote."""
        return self._process.pid

    def check(self, patience: float = 0.0) -> None:
        """Raises ZygoteDiedError when it has, or does within so many seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
            raise ZygoteDiedError

    def report(self) -> Report:
        """The level of isolation that the zygote found; waits until it is ready. Raises OSError when it has died."""
        if self._report is None:
            data = self._line.recv(1 << 16)
            if not data:
                raise OSError(f"the zygote ended with status {self._process.wait()} before it was ready")
            # Not before: what it takes to import these, torch would be imported later.
            import msgspec

            from autograder.sandbox.isolation import Report

            self._report = msgspec.json.decode(data, type=Report)
        return self._report

    def fork_grader(self, name: str) -> tuple[int, socket.socket]:
        """A new grader, a process that runs the function `name`, "module:function": its process id and the socket on
        which it takes jobs.
        """
        self.report()
        jobs, their_jobs = socket.socketpair()
        theirs, zygotes = _line()
        with their_jobs, theirs, zygotes, self.reading() as reading:
            pid = ask(self._line, b"G" + name.encode(), their_jobs, theirs, zygotes, reading)
        return pid, jobs

    def connect(self) -> socket.socket:
        """A line of its own on which workers can be asked for; give it to a WorkerSupply."""
        self.report()
        return _connected(self._line)

    def reading(self) -> socket.socket:
        """A line of its own on which readers can be asked for, before torch is there; give it to a Readers."""
        return _connected(self._reading)

    def end_grader(self, pid: int) -> int:
        """Kill a grader; its wait status. Raises ZygoteDiedError."""
        return end(self._line, pid)

    def hang_up(self) -> None:
        """Have the zygote end, and everything that it forked, without waiting for it."""
        self._line.close()
        self._reading.close()
        if self._report is None:  # still importing torch, for nobody
            self._process.kill()

    def close(self) -> None:
        """End the zygote and everything that it forked."""
        self.hang_up()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def ask(line: socket.socket, request: bytes, *sockets: socket.socket) -> int:
    """What a zygote answers to a request, which waits for nothing else on this line. Raises ZygoteDiedError."""
    try:
        socket.send_fds(line, [request], [each.fileno() for each in sockets])
        answer = line.recv(_NUMBER.size)
    except (BrokenPipeError, ConnectionResetError):
        answer = b""
    if not answer:
        raise ZygoteDiedError
    number: int = _NUMBER.unpack(answer)[0]
    return number


def end(line: socket.socket, pid: int) -> int:
    """Have a child that was asked for on this line killed; its wait status. Raises ZygoteDiedError."""
    return ask(line, b"R" + _NUMBER.pack(pid))


def _line() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def _connected(line: socket.socket) -> socket.socket:
    """Our end of a new line to the process at the other end of this one."""
    ours, theirs = _line()
    with theirs:
        ask(line, b"C", theirs)
    return ours
