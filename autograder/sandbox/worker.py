"""The process that runs one student's one file: confines itself, then answers questions until the grader hangs up."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import types
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from autograder.sandbox.descriptors import only_socket
from autograder.sandbox.framing import ConnectionEnded, Incoming, receive_question, send
from autograder.sandbox.host import Host
from autograder.sandbox.isolation import Allowance, Isolation
from autograder.sandbox.protocol import Done, Message, Raised, Reset
from autograder.sandbox.values import MalformedMessage

READY = Message(Done())
"""What a worker says, unasked, when it is confined. Until then nothing of a student's has run in it."""
LOST = 71
"""Exit status of a worker that cannot talk to its grader any more."""


@dataclass(frozen=True)
class WorkerOrder:
    """What the zygote is told about a worker to fork. Holds nothing that a student may not know."""

    module: str
    scratch: str
    allowance: Allowance


def run(connection: socket.socket, order: WorkerOrder, slot: int, isolation: Isolation) -> None:
    """Become a worker: never returns. `slot` tells workers that live at the same time apart."""
    status = 70
    try:
        line = only_socket(connection)
        scratch = Path(order.scratch) if order.scratch else None
        isolation.apply(order.allowance, scratch, slot)
        if scratch is not None:
            # Some operations on the meta device load torch's compiler, which wants a folder for its cache there.
            os.environ["TMPDIR"] = os.environ["HOME"] = tempfile.tempdir = order.scratch
        sys.modules["__main__"] = types.ModuleType("__main__")  # the zygote's
        status = LOST
        send(line, READY)
        _serve(Host(order.module), line)
    except ConnectionEnded:
        pass
    finally:
        os._exit(status)


def _serve(host: Host, line: socket.socket) -> NoReturn:
    """Answer questions. Raises ConnectionEnded when nobody asks any more."""
    incoming = Incoming(line)
    failed: Message | None = None
    while True:
        question = receive_question(incoming)
        answer = host.answer(question)
        if question.body.answered:
            try:
                send(line, failed or answer)
            except MalformedMessage as error:
                send(line, host.raised(error))
            failed = None
        elif isinstance(question.body, Reset):
            failed = None  # of an earlier check, which needed nothing any more
        elif failed is None and isinstance(answer.body, Raised):
            failed = answer
