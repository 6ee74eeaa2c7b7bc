"""Has submissions read, each by a confined process of its own. Imports no torch: the coordinator uses this, too."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.sandbox.launcher import ask, end
from autograder.sandbox.reader import READY, how_it_ended
from autograder.submissions.collect import collect, digest_of
from autograder.submissions.confined import (
    MOST_BYTES,
    MalformedContentsError,
    contents_of,
    order,
    people_of,
    unreadable,
)
from autograder.submissions.model import Contents, Expected, Submission

_START_SECONDS = 120.0
"""In which a reader is forked and confined, on the busiest machine."""
_LONGEST = 120.0
"""Seconds after which a reader is not waited for any more. Its processor time ends long before, if it uses any."""


class NotReadError(Exception):
    """A reader did not come to an end; why, in words for the student."""


class Readers:
    """A line to the process that forks readers."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def read(self, submission: Submission, expected: Sequence[Expected]) -> Contents:
        """What is in one submission. Where its reader fails, every exercise has a problem that says so.

        Raises OSError when there is no reader to be had, or when what lies there is not what the digest tells.
        """
        handed_in = submission.handed_in or collect(submission.path)
        if submission.digest and digest_of(handed_in) != submission.digest:
            raise OSError(f"what {submission.student} handed in was changed meanwhile; grade again")
        try:
            return contents_of(self._ask(order(handed_in, expected)), expected)
        except (NotReadError, MalformedContentsError) as error:
            why = str(error)
        print(f"{submission.student}: could not be read: {why}", file=sys.stderr)
        return unreadable(expected, why)

    def people(self, path: Path, expected: Sequence[Expected]) -> list[str]:
        """The folders and archives of a submission that seem to be different people's. Raises as `read` does."""
        try:
            return people_of(self._ask(order(collect(path, (".zip",)), expected, people=True)))
        except (NotReadError, MalformedContentsError):
            return []  # what is wrong with it is told when it is graded

    def _ask(self, told: bytes) -> bytes:
        """What a reader of its own answers. Raises NotReadError."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                pid = ask(self._line, b"S", theirs)
            if pid <= 0:
                raise OSError(-pid, f"no reader could be forked: {os.strerror(-pid)}")
            try:
                _wait_for(ours)
                answer = _exchange(ours, told)
            except TimeoutError:
                raise NotReadError("that takes too long") from None
            finally:
                status = end(self._line, pid)
        if status != 0:
            raise NotReadError(how_it_ended(status))
        return answer


def expected_files(assignment: Assignment, stubs: Mapping[str, str]) -> list[Expected]:
    """What a submission to `assignment` should hold. `stubs` are what students were given, by exercise."""
    return [
        Expected(
            each.name,
            f"{each.name}.py",
            each.names,
            stubs.get(each.name, ""),
            () if assignment.not_allowed == "ignore" else tuple(each.forbidden),
        )
        for each in assignment.exercises
    ]


def _wait_for(reader: socket.socket) -> None:
    """Raises OSError when it does not become confined."""
    reader.settimeout(_START_SECONDS)
    try:
        ready = reader.recv(len(READY))
    except TimeoutError:
        ready = b""
    if ready != READY:
        raise OSError("a reader ended before it was confined, so nothing was read by it")


def _exchange(reader: socket.socket, told: bytes) -> bytes:
    """What it answers, which is nothing where it ended before. Raises TimeoutError."""
    deadline = time.monotonic() + _LONGEST
    pieces: list[bytes] = []
    size, unsent = 0, memoryview(told)
    try:
        while unsent:
            _set_time(reader, deadline)
            unsent = unsent[reader.send(unsent) :]
        reader.shutdown(socket.SHUT_WR)
        while size <= MOST_BYTES:
            _set_time(reader, deadline)
            piece = reader.recv(1 << 20)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)
            size += len(piece)
    except (BrokenPipeError, ConnectionResetError):
        pass
    return b""


def _set_time(reader: socket.socket, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    reader.settimeout(left)
