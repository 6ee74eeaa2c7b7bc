"""Answers as a worker gives them, one for each kind of question, and the code of ours that reads them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch

from autograder.diagnosis.agreement import Answers
from autograder.sandbox.framing import ANSWER, ConnectionEnded, Incoming, decode_reply, receive_frame, send
from autograder.sandbox.protocol import Message
from autograder.sandbox.record import Record, RecordingLine
from autograder.sandbox.session import LocalLine, Session, Source, SubjectDied, SubjectError
from autograder.sandbox.values import MalformedMessage, tree_leaves
from autograder.suite.compare import assert_close
from autograder.suite.failures import failures_noted
from autograder.suite.random import Random
from autograder.suite.subjects import ModuleProxy, Namespace, ObjectProxy

SOURCE = Source(
    "fuzzed",
    "fuzzed.py",
    """
import torch
from torch import nn

class Layer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv, self.bn, self.fc = nn.Conv2d(width, 3, 3), nn.BatchNorm2d(3), nn.Linear(3, 2)
        self.kinds = {"a": (1, 2.5, None), 3: [True, "b", 2**70]}

    def forward(self, x):
        return self.fc(torch.sigmoid(self.bn(self.conv(x)).relu()).mean((2, 3))).tanh()

def everything(x):
    y = {"half": x.half(), "bytes": x.to(torch.uint8), "flags": x > 0, "complex": torch.complex(x, x)}
    return y, [x.bfloat16(), x.to(torch.int64), x.dtype, float("inf"), object(), (i for i in range(3))]

def in_place(x, model):
    x.mul_(2)
    model.weight.grad = None
    x.requires_grad_()
    x.register_hook(print)
    return x

def made(model):
    return torch.optim.SGD(model.parameters(), lr=0.1), {b"bytes": 0.5, 1.5: frozenset()}

def everything_but(x):
    return x * x

def broken(x):
    return x.reshape(7)
""",
    "def cube(f, x):\n    return f(x) ** 3, f\n",
)


@dataclass(frozen=True)
class Frame:
    """A message in its two parts."""

    header: bytes
    payload: bytes


@dataclass(frozen=True)
class Scene:
    """A piece of a suite, the answers to all that it asks, and their record."""

    play: Callable[[Namespace], None]
    answers: tuple[Frame, ...]
    record: Record


class _Keeping:
    """A line to a host in this process that keeps every answer."""

    def __init__(self) -> None:
        self._line = LocalLine(SOURCE.module)
        self.kept: list[Frame] = []

    def exchange(self, question: Message) -> Message:
        answer = self._line.exchange(question)
        self.kept.append(frame_of(answer))
        return answer

    def close(self) -> None:
        self._line.close()


class Replayed:
    """A line that gives the kept answers again, one of them replaced.

    Raises what a line to a worker raises for bytes that are no message.
    """

    def __init__(self, answers: tuple[Frame, ...], position: int, replaced: Frame) -> None:
        self._answers = (*answers[:position], replaced, *answers[position + 1 :])
        self._asked = 0

    def exchange(self, question: Message) -> Message:
        frame = self._answers[self._asked % len(self._answers)]
        self._asked += 1
        try:
            if len(frame.header) > ANSWER.header or len(frame.payload) > ANSWER.payload:
                raise MalformedMessage("a message is too large")  # as `receive` does, before it reads
            return decode_reply(frame.header, bytearray(frame.payload), ANSWER)
        except MalformedMessage as error:
            raise SubjectDied("ProtocolError", str(error)) from None

    def close(self) -> None:
        pass


def play(scene: Scene, position: int, replaced: Frame) -> bool:
    """Play a scene with another answer at `position`: whether all could be read.

    Raises nothing but what is wrong with our code.
    """
    line = RecordingLine(Replayed(scene.answers, position, replaced))
    session = Session(SOURCE, line)
    with failures_noted():
        try:
            session.begin("fuzz")
            scene.play(Namespace(session, Random(1, "fuzz")))
            read = True
        except SubjectError:
            read = False
    changed, known = Answers(line.take()), Answers(scene.record)
    changed.agreement(known)
    known.agreement(changed)
    return read


def arrives(data: bytes) -> bool:
    """Whether bytes on a socket, after which the connection ends, are a message."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data[:100_000])  # as much as surely fits into the socket's buffer
        theirs.shutdown(socket.SHUT_WR)
        try:
            decode_reply(*receive_frame(Incoming(ours), ANSWER), ANSWER)
        except (MalformedMessage, ConnectionEnded):
            return False
    return True


def frame_of(message: Message) -> Frame:
    """The frame that is sent for a message."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(ours, message)
        ours.shutdown(socket.SHUT_WR)
        data = b"".join(iter(lambda: theirs.recv(1 << 20), b""))
    size = int.from_bytes(data[8:12], "little")
    return Frame(data[20 : 20 + size], data[20 + size :])


# -- scenes -----------------------------------------------------------------------------------------------------------


def _look(value: object) -> None:
    """Compare whatever came back, as suites do."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple, Iterator)):
        for item in value:
            _look(item)
    elif isinstance(value, torch.Tensor):
        assert_close(value, torch.zeros(2, 3, dtype=torch.float64), "a tensor")
        assert_close(value, torch.zeros_like(value, device="cpu") if value.numel() < 1000 else 0.0, "a tensor")
    else:
        assert_close(value, 1.0, "a number")


def _module(value: object) -> ModuleProxy:
    """The value, where it is a module: suites end with an error of the student's where it is not."""
    if not isinstance(value, ModuleProxy):
        raise SubjectError("TypeError", "not a module")
    return value


def _state(names: Namespace) -> None:
    layer = _module(names.Layer(2))
    _look(layer.state_dict())
    _look([info.grad for info in layer.parameters_by_name().values()])


def _description(names: Namespace) -> None:
    layer = _module(names.Layer(2))
    layer.train()
    layer.parameters_by_name(values=False)
    layer.modules_by_name()
    _look(layer.attribute("kinds"))


def _load(names: Namespace) -> None:
    layer = _module(names.Layer(2))
    layer.load_state_dict(layer.double().state_dict())
    layer.load_state_dict(layer.drawn(Random(1, "weights")))
    layer.mismatch({"conv.weight": torch.zeros(2), "fc.bias": torch.zeros(3), "more": torch.zeros(1)})


def _gradients(names: Namespace) -> None:
    layer = _module(names.Layer(2)).double()
    x = torch.ones(2, 2, 4, 4, dtype=torch.float64, requires_grad=True)
    out = layer(x)
    _look(out)
    if isinstance(out, torch.Tensor) and out.requires_grad and out.numel() < 1000:
        out.backward(torch.ones_like(out))
    _look([x.grad, layer.grads()])


def _inside(names: Namespace) -> None:
    _look(_module(names.Layer(2)).inside("fc")(torch.ones(2, 3)))


def _everything(names: Namespace) -> None:
    _look(names.everything(torch.ones(2, 3, dtype=torch.float64)))


def _effects(names: Namespace) -> None:
    x = torch.ones(2, 3, dtype=torch.float64)
    x.grad = torch.ones(2, 3, dtype=torch.float64)
    _look([names.in_place(x, _module(names.make("torch.nn.Linear", 3, 2))), x, x.grad])


def _objects(names: Namespace) -> None:
    made = tree_leaves(names.made(_module(names.make("torch.nn.Linear", 3, 2))))
    _look(made)
    for optimizer in made[:1]:
        if isinstance(optimizer, ObjectProxy):
            _look([optimizer.attribute("param_groups"), optimizer.handle("defaults"), optimizer.method("zero_grad")])
    names.world()


def _twice(names: Namespace) -> None:
    x = torch.ones(2, 3, dtype=torch.float64, requires_grad=True)
    found = tree_leaves(names.beside.cube(names.everything_but, x))
    _look(found)
    for out in found:
        flows = isinstance(out, torch.Tensor) and out.requires_grad and out.is_floating_point()
        if flows and out.numel() < 1000:
            (grad,) = torch.autograd.grad(out.sum(), x, create_graph=True, allow_unused=True)
            if grad is not None and grad.requires_grad:
                _look(torch.autograd.grad(grad.sum(), x, allow_unused=True)[0])


def _memoryless(names: Namespace) -> None:
    model = _module(names.make("torch.nn.Linear", 3, 2, device="meta"))
    model.parameters_by_name()
    _look(model(torch.ones(2, 3, device="meta")))


def _error(names: Namespace) -> None:
    names.broken(torch.ones(3))


def scenes() -> list[Scene]:
    """Every kind of answer, at least once."""
    return list(
        map(
            _scene,
            (
                _state,
                _description,
                _load,
                _gradients,
                _inside,
                _everything,
                _effects,
                _objects,
                _twice,
                _memoryless,
                _error,
            ),
        )
    )


def _scene(play: Callable[[Namespace], None]) -> Scene:
    keeping = _Keeping()
    line = RecordingLine(keeping)
    session = Session(SOURCE, line)
    with failures_noted():
        try:
            session.begin("fuzz")
            play(Namespace(session, Random(1, "fuzz")))
        except SubjectError:
            assert play is _error
    return Scene(play, tuple(keeping.kept), line.take())


def all_frames(scenes: Iterable[Scene]) -> list[Frame]:
    """The answers of all scenes."""
    return [frame for scene in scenes for frame in scene.answers]
