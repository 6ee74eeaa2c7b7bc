"""What the zygote runs before it forks, so that workers need not warm up: each would do so again, for itself."""

from __future__ import annotations

import socket
import sys

import torch

from autograder.sandbox.framing import Bounds, Incoming, decode_reply, receive_frame, receive_question, send
from autograder.sandbox.host import Host
from autograder.sandbox.protocol import Call, Do, Load, Message, Reset, State
from autograder.sandbox.values import Encoder

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
    nothing = encoder.value({})
    args = encoder.value((torch.ones(2, 2, 4, 4, dtype=torch.float64).requires_grad_(),))
    block = {"o": 0}
    questions = [
        Message(Load(_MODULE, _EXAMPLE, 0)),
        Message(Reset()),
        Message(Call({"s": "Example"}, encoder.value((2,)), nothing, 0)),
        Message(Do({"m": [block, "to"]}, encoder.value((torch.float64,)))),
        Message(Call(block, args, nothing, 0), encoder.tensors),
        Message(State(0)),
    ]
    answers = []
    asking, asked = socket.socketpair()
    incoming, answered = Incoming(asked), Incoming(asking)
    with asking, asked:
        for question in questions:
            send(asking, question)
            send(asked, host.answer(receive_question(incoming)))
            answers.append(decode_reply(*receive_frame(answered, Bounds()), Bounds()))
    sys.modules.pop(_MODULE)
    return answers
