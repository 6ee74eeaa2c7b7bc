"""What the zygote runs before it forks, so that workers need not warm up: each would do so again, for itself."""

from __future__ import annotations

import socket
import sys

import torch

from autograder.sandbox.framing import Bounds, Incoming, receive, send
from autograder.sandbox.host import Host
from autograder.sandbox.values import Encoder, Message

ROUNDS = 20
"""So often must a function run until the interpreter has fitted its bytecode to what it does; workers inherit that."""
_MODULE = "example"
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


def rehearse() -> list[Message]:
    """Ask a host a few questions over a socket, as a grader does; its answers, for the tests."""
    host = Host(_MODULE)
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
    sys.modules.pop(_MODULE)
    return answers
