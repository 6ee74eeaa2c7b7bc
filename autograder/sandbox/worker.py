"""The process that runs one student's one file: confines itself, then answers questions until the grader hangs up."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import torch

from autograder.sandbox.framing import Bounds, ConnectionEnded, Incoming, receive, send
from autograder.sandbox.host import Host
from autograder.sandbox.isolation import Allowance, Isolation
from autograder.sandbox.values import Encoder, Message

_SOCKET = 3
READY = Message({"d": [["ok", None]]})
"""What a worker says, unasked, when it is confined. Until then nothing of a student's has run in it."""
UNANSWERED = frozenset({"reset", "train", "cast", "zero_grad"})
"""Questions that only change something, a third of all: nobody waits for the worker to say that it is done.

Where one fails after all, the next question that is answered gets its error as the answer.
"""
LOST = 71
"""Exit status of a worker that cannot talk to its grader any more."""


@dataclass(frozen=True)
class WorkerOrder:
    """What the zygote is told about a worker to fork. Holds nothing that a student may not know."""

    module: str
    scratch: str
    allowance: Allowance

    def to_bytes(self) -> bytes:
        return msgspec.json.encode(asdict(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> WorkerOrder:
        return msgspec.json.decode(data, type=cls)


def run(connection: socket.socket, order: WorkerOrder, slot: int, isolation: Isolation) -> None:
    """Become a worker: never returns. `slot` tells workers that live at the same time apart."""
    status = 70
    try:
        line = _only_socket(connection)
        scratch = Path(order.scratch) if order.scratch else None
        warm_up(Host(WARM_UP))
        isolation.apply(order.allowance, scratch, slot)
        if scratch is not None:
            # Some operations on the meta device load torch's compiler, which wants a folder for its cache there.
            os.environ["TMPDIR"] = tempfile.tempdir = order.scratch
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
        question = receive(incoming, Bounds())
        answer = host.answer(question)
        operation = question.body["op"]
        if operation not in UNANSWERED:
            send(line, failed or answer)
            failed = None
        elif operation == "reset":
            failed = None  # of an earlier check, which needed nothing any more
        elif failed is None and answer != READY:
            failed = answer


WARM_UP = "example"
_EXAMPLE = """
import torch
from torch import nn

class Example(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv, self.bn, self.fc = nn.Conv2d(width, 3, 3), nn.BatchNorm2d(3), nn.Linear(3, 2)

    def forward(self, x):
        return self.fc(torch.sigmoid(self.bn(self.conv(x)).relu()).mean((2, 3))).tanh()
"""


def warm_up(host: Host) -> list[Message]:
    """Ask `host` a few questions over a socket, so that the memory they touch is this process's before it is needed.

    What is copied at a first touch after a fork takes longer than all else that a small exercise does; like this, it is
    done while the worker before this one is still at work. Returns the answers, for the tests.
    """
    encoder = Encoder()
    x = encoder.value(torch.ones(2, 2, 4, 4, dtype=torch.float64).requires_grad_())
    block = {"o": 2}  # 1 is the call that makes it
    questions = [
        Message({"op": "load", "text": _EXAMPLE, "draw": 0}),
        Message({"op": "reset"}),
        Message({"op": "call", "name": "Example", "args": {"u": [2]}, "kwargs": {"d": []}, "draw": 0}),
        Message({"op": "cast", "target": block, "dtype": {"y": "float64"}}),
        Message({"op": "call", "target": block, "args": {"u": [x]}, "kwargs": {"d": []}, "draw": 0}, encoder.tensors),
        Message({"op": "state", "target": block, "values": True}),
    ]
    answers = []
    asking, asked = socket.socketpair()
    incoming, answered = Incoming(asked), Incoming(asking)
    with asking, asked:
        for question in questions:
            send(asking, question)
            send(asked, host.answer(receive(incoming, Bounds())))
            answers.append(receive(answered, Bounds()))
    sys.modules.pop(WARM_UP)
    return answers


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
