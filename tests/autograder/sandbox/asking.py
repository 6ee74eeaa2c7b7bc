"""Ways to put questions to workers that tests of several pages use."""

from __future__ import annotations

import socket
import struct
import time
from typing import Any

import psutil

from autograder.sandbox.client import WorkerLine
from autograder.sandbox.framing import Bounds, Incoming, Patience, decode_reply, receive_frame
from autograder.sandbox.protocol import Load, Message
from autograder.sandbox.session import Session
from autograder.suite.random import Random
from autograder.suite.subjects import Namespace

FOREVER = "while True: pass"
NUMBER = struct.Struct("<q")


def ask(line: WorkerLine, text: str = "") -> Message:
    """Has a text loaded."""
    return line.exchange(Message(Load("exercise", text, 1)))


def call(session: Session, name: str, *args: object) -> Any:
    """What a function of the file returns."""
    return getattr(Namespace(session, Random(0, "test")), name)(*args)


def reply_on(connection: socket.socket) -> Message:
    """The next reply that comes on a connection."""
    incoming, patience = Incoming(connection), Patience(time.monotonic() + 120)
    return decode_reply(*receive_frame(incoming, Bounds(), patience), Bounds())


def request(line: socket.socket, data: bytes, *sockets: socket.socket) -> int:
    """What the zygote answers to a request."""
    socket.send_fds(line, [data], [one.fileno() for one in sockets])
    (number,) = NUMBER.unpack(line.recv(NUMBER.size))
    return int(number)


def gone(pid: int) -> bool:
    """Whether no process has this id any more. The zygote has waited for it, so there is not even a zombie."""
    return not psutil.pid_exists(pid)
