"""The process that runs one student's one file: confines itself, then answers questions until the grader hangs up."""

from __future__ import annotations

import os
import socket
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from autograder.sandbox.framing import Bounds, ConnectionEnded, receive, send
from autograder.sandbox.host import Host
from autograder.sandbox.isolation import Allowance, Isolation

_SOCKET = 3
LOST = 71
"""Exit status of a worker that cannot talk to its grader any more."""


@dataclass(frozen=True)
class WorkerOrder:
    """What the zygote is told about a worker to fork. Holds nothing that a student may not know."""

    module: str
    scratch: str
    slot: int
    allowance: Allowance

    def to_bytes(self) -> bytes:
        return msgspec.json.encode(asdict(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> WorkerOrder:
        return msgspec.json.decode(data, type=cls)


def run(connection: socket.socket, order: WorkerOrder, isolation: Isolation) -> None:
    """Become a worker: never returns."""
    status = 70
    try:
        line = _only_socket(connection)
        scratch = Path(order.scratch) if order.scratch else None
        isolation.apply(order.allowance, scratch, order.slot)
        if scratch is not None:
            # Some operations on the meta device load torch's compiler, which wants a folder for its cache there.
            os.environ["TMPDIR"] = tempfile.tempdir = order.scratch
        status = LOST
        host = Host(order.module)
        while True:
            send(line, host.answer(receive(line, Bounds())))
    except ConnectionEnded:
        pass
    finally:
        os._exit(status)


def _only_socket(connection: socket.socket) -> socket.socket:
    """Close every file but the socket to the grader; standard streams lead nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.dup2(connection.fileno(), _SOCKET, inheritable=False)
    connection.detach()
    os.closerange(_SOCKET + 1, _most_files())
    return socket.socket(fileno=_SOCKET)


def _most_files() -> int:
    most: Any = os.sysconf("SC_OPEN_MAX")
    return min(int(most), 65_536) if most > 0 else 65_536
