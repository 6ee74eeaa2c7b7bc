"""What code answered to the questions of a suite, check by check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import torch
from torch import Tensor

from autograder.sandbox.session import Line, Remote, SubjectError
from autograder.sandbox.values import Decoder, Encoder, Handle, MalformedMessage, Message, WireTensor


@dataclass(frozen=True)
class Entry:
    """A parameter or buffer of a module, as the host describes it."""

    shape: tuple[int, ...]
    dtype: str
    device: str
    requires_grad: bool
    is_parameter: bool
    persistent: bool
    value: Tensor | None
    grad: Tensor | None

    @property
    def described(self) -> tuple[object, ...]:
        """All but the values."""
        return self.shape, self.dtype, self.device, self.requires_grad, self.is_parameter, self.persistent


State = Mapping[str, Entry]
"""A module's parameters and buffers by name."""

_Row = tuple[str, list[int], str, str, bool, bool, bool]


def read_state(answer: object) -> State | None:
    """The state that an answer to "state" tells; None for anything else.

    What is a matter of style is left out: the order, the counter of batches, and whether a linear layer is written as
    a 1x1 convolution.
    """
    match answer:
        case {"described": str(text), "values": list(values), "grads": list(grads)}:
            try:
                rows = msgspec.json.decode(text, type=list[_Row])
            except msgspec.DecodeError:
                return None
            if not len(rows) == len(values) == len(grads):
                return None
            return {
                name: Entry(as_linear(tuple(shape)), *rest, value=_tensor(value), grad=_tensor(grad))
                for (name, shape, *rest), value, grad in zip(rows, values, grads, strict=True)
                if not name.endswith("num_batches_tracked")
            }
    return None


def as_linear(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape (out, in) for a 1x1 convolution's weight, any other shape as it is."""
    return shape[:2] if len(shape) == 4 and shape[2:] == (1, 1) else shape


def _tensor(value: object) -> Tensor | None:
    return value if isinstance(value, Tensor) else None


@dataclass
class Exchange:
    """A question's kind, and the answer (or how none came)."""

    operation: str
    name: str
    """What was called, where it is a name of the file."""
    answer: Message | str
    subject: int | None = None
    """Number of the module that was asked; of the call, for a backward."""
    before: list[WireTensor] = field(default_factory=list)
    """The arguments of a call that did something to them, as they were before it."""
    loaded: Mapping[str, Tensor] = field(default_factory=dict)
    """The values that were to be loaded."""
    made: int | None = None
    """Number of the module that the call made."""
    initial: State | None = None
    """What `made` began with."""

    def __post_init__(self) -> None:
        self._decoded: Any = None

    def value(self) -> Any:
        """The answer as plain values; what cannot be read, or did not come, is told by a string."""
        if self._decoded is None:
            self._decoded = _decoded(self.answer)
        return self._decoded


def _decoded(answer: Message | str) -> Any:
    if isinstance(answer, str):
        return {"lost": answer}
    try:
        decoded = Decoder([wire.data for wire in answer.tensors], Remote).value(answer.body)
    except MalformedMessage as error:
        return {"lost": str(error)}
    return decoded if isinstance(decoded, dict) else {"lost": "neither a value nor an error"}


@dataclass
class Transcript:
    """All exchanges of one check."""

    exchanges: list[Exchange] = field(default_factory=list)

    def names(self) -> frozenset[str]:
        """The names of the file that were called."""
        return frozenset(exchange.name for exchange in self.exchanges if exchange.name)

    def answered(self) -> bool:
        """Some call came back with a result."""
        return any(exchange.operation == "call" and "ok" in exchange.value() for exchange in self.exchanges)


class RecordingLine:
    """A line that keeps the transcript of the check at hand.

    With another's transcript to follow, modules begin with the values that the other's began with, where these fit.
    Initial weights are the author's choice, and with other weights no two answers could be compared.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._transcript = Transcript()
        self._followed = Transcript()

    def exchange(self, question: Message) -> Message:
        body = question.body if isinstance(question.body, dict) else {}
        operation = str(body.get("op"))
        if operation in ("load", "reset"):
            return self._line.exchange(question)
        exchange = Exchange(operation, _name(body), "", _subject(body))
        # In this process, the code gets the very tensors of the question and may change them.
        before = [_copied(wire) for wire in question.tensors] if operation == "call" else []
        self._transcript.exchanges.append(exchange)
        try:
            answer = self._line.exchange(question)
        except SubjectError as error:
            exchange.answer = error.type_name
            raise
        exchange.answer = answer
        if operation == "call":
            exchange.before = before if _has_effects(answer.body) else []
            exchange.made = _made(body, answer.body)
        if operation == "load_state":
            exchange.loaded = _values(question)
        if exchange.made is not None:
            exchange.initial = self._begin(exchange.made)
        return answer

    def follow(self, transcript: Transcript) -> None:
        """Until `take`, give modules the initial values that they have in `transcript`."""
        self._followed = transcript

    def take(self) -> Transcript:
        """The transcript since the last call of this."""
        transcript, self._transcript, self._followed = self._transcript, Transcript(), Transcript()
        return transcript

    def close(self) -> None:
        self._line.close()

    def _begin(self, module: int) -> State | None:
        """What a new module begins with."""
        own = self._state(module)
        position = len(self._transcript.exchanges) - 1
        followed = self._followed.exchanges[position : position + 1]
        other = followed[0].initial if followed else None
        if own is None or other is None or not begin_alike(own, other):
            return own
        values = {name: entry.value for name, entry in other.items() if entry.persistent}
        answer = self._ask("load_state", target=Handle(module), values=values)
        return other if isinstance(answer, dict) and not any(answer.values()) else own

    def _state(self, module: int) -> State | None:
        return read_state(self._ask("state", target=Handle(module), values=True))

    def _ask(self, operation: str, **fields: object) -> Any:
        encoder = Encoder()
        body = {name: encoder.value(value) for name, value in {"op": operation, **fields}.items()}
        return _decoded(self._line.exchange(Message(body, encoder.tensors))).get("ok")


def begin_alike(one: State, other: State) -> bool:
    """The same parameters and buffers, begun with values of the same kind: any two ways to draw at random are."""
    return one.keys() == other.keys() and all(
        one[name].described == other[name].described and _kind(one[name]) == _kind(other[name]) for name in one
    )


def _kind(entry: Entry) -> tuple[bool, ...]:
    """Of a weight: finite, not all zero, no two rows equal. Where a bias starts is a matter of style."""
    if entry.value is None:
        return (False,)
    if len(entry.shape) < 2 or entry.value.is_meta:
        return (True,)
    rows = entry.value.flatten(1)
    return bool(rows.isfinite().all()), bool(rows.any()), len(rows.unique(dim=0)) == len(rows)


def _name(body: Mapping[str, Any]) -> str:
    name = body.get("name") if body.get("op") == "call" else None
    return name if isinstance(name, str) else ""


def _subject(body: Mapping[str, Any]) -> int | None:
    match body:
        case {"target": {"o": int(number)}} | {"call": int(number)}:
            return number
    return None


def _copied(wire: WireTensor) -> WireTensor:
    return WireTensor(wire.data.detach().clone(), grad=wire.grad)


def _has_effects(answer: object) -> bool:
    match answer:
        case {"ok": {"d": [_, _, ["effects", {"l": effects}]]}}:
            return bool(effects)
    return False


def _made(question: Mapping[str, Any], answer: object) -> int | None:
    """The number of the module that a call made; a call that gets modules may give back one that was there before."""
    match answer:
        case {"ok": {"d": [_, ["result", {"o": int(number)}], *_]}} if _name(question):
            arguments = question.get("args"), question.get("kwargs")
            return None if any(map(_holds_module, arguments)) else number
    return None


def _holds_module(tree: object) -> bool:
    if isinstance(tree, dict):
        return "o" in tree or any(map(_holds_module, tree.values()))
    return isinstance(tree, list) and any(map(_holds_module, tree))


def _values(question: Message) -> dict[str, Tensor]:
    values = Decoder([wire.data for wire in question.tensors], Remote).value(question.body["values"])
    return {str(name): value for name, value in values.items() if isinstance(value, Tensor)}
