"""The process that runs one student's one file: confines itself, then answers questions until the grader hangs up."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import tempfile
import types
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import torch

from autograder.sandbox.framing import ConnectionEnded, Incoming, receive_question, send
from autograder.sandbox.host import Host
from autograder.sandbox.isolation import Allowance, Isolation, only_socket
from autograder.sandbox.protocol import Call, Done, Load, Message, Reset, State, Step
from autograder.sandbox.values import Encoder, MalformedMessage

READY = Message(Done())
"""What a worker says, unasked, when it is confined. Until then nothing of a student's has run in it."""
LOST = 71
"""Exit status of a worker that cannot talk to its grader any more."""


@dataclass(frozen=True)
class WorkerOrder:
    """What the zygote is told about a worker to fork. Holds nothing that a student may not know."""

    scratch: str
    allowance: Allowance


def run(connection: socket.socket, order: WorkerOrder, slot: int, isolation: Isolation) -> None:
    """Become a worker: never returns. `slot` tells workers that live at the same time apart."""
    status = 70
    try:
        line = only_socket(connection)
        isolation.apply(order.allowance, Path(order.scratch), slot)
        # Some operations on the meta device load torch's compiler, which wants a folder for its cache there.
        os.environ["TMPDIR"] = os.environ["HOME"] = tempfile.tempdir = order.scratch
        sys.modules["__main__"] = types.ModuleType("__main__")  # the zygote's
        status = LOST
        send(line, READY)
        _serve(Host(), line)
    except ConnectionEnded:
        pass
    finally:
        os._exit(status)


def _serve(host: Host, line: socket.socket) -> NoReturn:
    """Answer questions. Raises ConnectionEnded when nobody asks any more."""
    incoming = Incoming(line)
    while True:
        question = receive_question(incoming)
        answer = host.answer(question)
        if question.body.answered:
            try:
                send(line, answer)
            except MalformedMessage as error:
                send(line, host.raised(error))


ROUNDS = 8
"""So often must a function run until the interpreter has fitted its bytecode to what it does; workers inherit that."""
_MODULE = "example"
_EXAMPLE = """
import torch
from torch import nn

class Example(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv, self.bn, self.fc = nn.Conv2d(width, 4, 3), nn.BatchNorm2d(4), nn.Linear(16, 2)

    def forward(self, x):
        with torch.no_grad():
            nn.Conv2d(4, 4, 3, groups=2)(torch.zeros(2, 4, 5, 5))  # in groups and float32: another library's
            torch.linalg.vector_norm(torch.stack([torch.sigmoid(x).sum(), torch.tanh(x).sum()]))
        return self.fc(self.bn(self.conv(x)).relu().flatten(1)).softmax(1)
"""


def rehearse() -> bytes:
    """What the zygote runs before it forks, so that workers need not warm up: each would do so again, for itself.

    A host is asked a few questions, as by a grader; its answers, for the tests. Forward only: autograd refuses to work
    in a child when its parent has used it.
    """
    encoder = Encoder()
    nothing = encoder.value({})
    args = encoder.value((torch.ones(2, 2, 4, 4, dtype=torch.float64).requires_grad_(),))
    double = Step(0, "to", encoder.value((torch.float64,)))
    questions = [
        Message(Load(_MODULE, _EXAMPLE, 0)),
        Message(Reset()),
        Message(Call({"s": "Example"}, encoder.value((2,)), nothing, 0)),
        Message(Call({"o": 0}, args, nothing, 0, first=[double]), encoder.tensors),
        Message(State(0)),
    ]
    asking, asked = socket.socketpair()
    with asking, asked:
        for question in questions:
            send(asking, question)
        asking.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionEnded):
            _serve(Host(), asked)
        sys.modules.pop(_MODULE)
        return asking.recv(1 << 20)
