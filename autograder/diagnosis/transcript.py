"""What code answered to the questions of a suite, check by check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import torch
from torch import Tensor

from autograder.sandbox.client import name_of
from autograder.sandbox.session import Line, Remote, SubjectError
from autograder.sandbox.state import Row, read_rows
from autograder.sandbox.values import (
    MAX_DEPTH,
    Decoder,
    Encoder,
    Handle,
    MalformedMessage,
    Message,
    WireTensor,
    dtype_name,
)


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


def read_state(answer: object) -> State | None:
    """The state that an answer to "state" tells; None for anything else.

    What is a matter of style is left out: the order, the counter of batches, and whether a linear layer is written as
    a 1x1 convolution.
    """
    try:
        rows = read_rows(answer)
    except MalformedMessage:
        return None
    return {row.name: _entry(row) for row in rows if not row.name.endswith("num_batches_tracked")}


def _entry(row: Row) -> Entry:
    flags = row.requires_grad, row.is_parameter, row.persistent
    return Entry(as_linear(row.shape), dtype_name(row.dtype), row.device, *flags, row.value, row.grad)


def as_linear(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape (out, in) for a 1x1 convolution's weight, any other shape as it is."""
    return shape[:2] if len(shape) == 4 and shape[2:] == (1, 1) else shape


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
    told: dict[int, Message] = field(default_factory=dict)
    """The answers to "state" of modules that hold values of the code's own, by number, before they are first used."""

    def __post_init__(self) -> None:
        self._decoded: Any = None
        self._states: dict[int, State | None] = {}

    def value(self) -> Any:
        """The answer as plain values; what cannot be read, or did not come, is told by a string."""
        if self._decoded is None:
            self._decoded = _decoded(self.answer)
        return self._decoded

    def rounded(self) -> Exchange:
        """The same with an answer in single precision."""
        rounded = replace(self)
        rounded._decoded = _rounded(self.value())
        return rounded

    def state(self, module: int) -> State | None:
        """The state of a module in `told`."""
        if module not in self._states:
            told = self.told.get(module)
            self._states[module] = None if told is None else read_state(_decoded(told).get("ok"))
        return self._states[module]


def _decoded(answer: Message | str) -> Any:
    if isinstance(answer, str):
        return {"lost": answer}
    try:
        decoded = Decoder([wire.data for wire in answer.tensors], Remote).value(answer.body)
    except MalformedMessage as error:
        return {"lost": str(error)}
    match decoded:
        case {"ok": _} | {"error": {"builtin": str(), "text": str()}} if len(decoded) == 1:
            return decoded
    return {"lost": "neither a value nor an error"}


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

    def is_single(self) -> bool:
        """Some call came back with a result in single precision."""
        answers = (exchange.value().get("ok") for exchange in self.exchanges if exchange.operation == "call")
        return any(isinstance(answer, dict) and _is_single(answer.get("result")) for answer in answers)


def _rounded(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.float() if value.dtype == torch.float64 else value
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, str):  # the dtypes in the description of a module's state
        return value.replace('"float64"', '"float32"')
    return value


def _is_single(value: object) -> bool:
    if isinstance(value, Tensor):
        return value.dtype == torch.float32
    return isinstance(value, (list, tuple)) and any(map(_is_single, value))


class RecordingLine:
    """A line that keeps the transcript of the check at hand.

    With another's transcript to follow, what a call draws at random for a module is replaced by what the other's drew,
    and modules tell their parameters in the other's order. Both are the author's choice, and with other weights no two
    answers could be compared.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._transcript = Transcript()
        self._followed: Transcript | None = None
        self._weightless: set[int] = set()
        """Modules on the device "meta", which have no values."""
        self._unused: dict[int, State] = {}
        """Modules in which a call has put values and that no question has used since, with what they held before."""

    def exchange(self, question: Message) -> Message:
        body = question.body if isinstance(question.body, dict) else {}
        operation = str(body.get("op"))
        if operation in ("load", "reset"):
            return self._line.exchange(question)
        exchange = Exchange(operation, name_of(question), "", _subject(body))
        given = _modules_in([body.get("args"), body.get("kwargs")]) if exchange.name else []
        followed = self._next_followed()
        self._transcript.exchanges.append(exchange)
        if operation == "call":
            # In this process, the code gets the very tensors of the question and may change them.
            exchange.before = [_copied(wire) for wire in question.tensors]
        if operation == "load_state":
            exchange.loaded = _values(question)
        elif operation not in _VALUELESS and body.get("values") is not False:
            for module in [exchange.subject, *given]:
                if module in self._unused:
                    exchange.told[module] = self._first_use(module, followed)
        earlier = {} if followed is None else self._states(given)
        try:
            answer = self._line.exchange(question)
        except SubjectError as error:
            exchange.answer = error.type_name
            raise
        if followed is not None and operation == "state":
            answer = _in_order(answer, read_state(followed.value().get("ok")))
        exchange.answer = answer
        if not _has_effects(answer.body):
            exchange.before = []
        if operation == "make" and body.get("device") == "meta" and "parts" not in body:
            self._weightless.update(_modules_in(answer.body))
        if operation == "load_state" and exchange.subject is not None and fits(exchange):
            self._unused.pop(exchange.subject, None)
        if operation == "submodule" and exchange.subject in self._unused:
            part = _part(self._unused[exchange.subject], str(body.get("name")))
            self._unused.update(dict.fromkeys(_modules_in(answer.body), part))
        if exchange.name:
            touched = {*given, *_modules_in(answer.body)} - self._weightless
            self._unused.update(dict.fromkeys(touched, earlier))
        return answer

    def follow(self, transcript: Transcript) -> None:
        """Until `take`, follow `transcript`."""
        self._followed = transcript

    def take(self) -> Transcript:
        """The transcript since the last call of this."""
        transcript, self._transcript, self._followed = self._transcript, Transcript(), None
        self._weightless.clear()
        self._unused.clear()
        return transcript

    def close(self) -> None:
        self._line.close()

    def _next_followed(self) -> Exchange | None:
        position = len(self._transcript.exchanges)
        if self._followed is None or position >= len(self._followed.exchanges):
            return None
        return self._followed.exchanges[position]

    def _first_use(self, module: int, followed: Exchange | None) -> Message:
        """What the module holds when it is first used."""
        earlier = self._unused.pop(module)
        if followed is not None:
            self._take_over(module, earlier, followed.state(module))
        return self._ask("state", target=Handle(module), values=True)

    def _take_over(self, module: int, earlier: State, other: State | None) -> None:
        """Load from `other` what it and the module have drawn anew since `earlier`, where both drew alike."""
        own = self._states([module])
        values = {name: entry.value for name, entry in own.items() if entry.persistent}
        drawn = {
            name: other[name].value
            for name in values
            if other is not None and name in other and _drawn_alike(own[name], other[name], earlier.get(name))
        }
        if drawn:
            self._ask("load_state", target=Handle(module), values={**values, **drawn})

    def _states(self, modules: Sequence[int]) -> State:
        states: dict[str, Entry] = {}
        for module in modules:
            states.update(read_state(_decoded(self._ask("state", target=Handle(module), values=True)).get("ok")) or {})
        return states

    def _ask(self, operation: str, **fields: object) -> Message:
        encoder = Encoder()
        body = {name: encoder.value(value) for name, value in {"op": operation, **fields}.items()}
        return self._line.exchange(Message(body, encoder.tensors))


_VALUELESS = ("train", "cast", "zero_grad", "requires_grad", "modules", "submodule", "attribute", "world")
"""Questions whose answers do not depend on a module's values."""


def fits(exchange: Exchange) -> bool:
    """The state dict was loaded, so that the module holds no other values any more."""
    report = exchange.value().get("ok")
    return isinstance(report, dict) and report.get("loaded") is True


def _part(state: State, module: str) -> State:
    """The state of a sub-module."""
    prefix = f"{module}."
    return {name.removeprefix(prefix): entry for name, entry in state.items() if name.startswith(prefix)}


def _drawn_alike(own: Entry, other: Entry, earlier: Entry | None) -> bool:
    """Both drew the values anew, in the same shape and kind: any two ways to draw at random are of one kind."""
    if own.value is None or other.value is None or own.described != other.described or _kind(own) != _kind(other):
        return False
    return earlier is None or not (_holds(own, earlier) or _holds(other, earlier))


def _holds(entry: Entry, earlier: Entry) -> bool:
    if entry.value is None or earlier.value is None or entry.value.shape != earlier.value.shape:
        return False
    return torch.equal(entry.value, earlier.value)


def _kind(entry: Entry) -> tuple[bool, ...]:
    """Of a weight: finite, not all zero, no two rows equal. Where a bias starts is a matter of style."""
    if entry.value is None or len(entry.shape) < 2 or entry.value.is_meta:
        return ()
    rows = entry.value.flatten(1)
    return bool(rows.isfinite().all()), bool(rows.any()), len(torch.unique(rows, dim=0)) == len(rows)


def _subject(body: Mapping[str, Any]) -> int | None:
    match body:
        case {"target": {"o": int(number)}} | {"call": int(number)}:
            return number
    return None


def _copied(wire: WireTensor) -> WireTensor:
    return WireTensor(wire.data.detach().clone(), grad=wire.grad)


def _has_effects(answer: object) -> bool:
    match answer:
        case {"d": [["ok", {"d": [_, _, ["effects", {"l": effects}]]}]]}:
            return bool(effects)
    return False


_TREE_DEPTH = 4 * MAX_DEPTH
"""No value that can be decoded has a deeper tree: each is an object, in a list, perhaps with a key in another list."""


def _modules_in(tree: object, depth: int = 0) -> list[int]:
    """Numbers of the modules that are mentioned in a message's tree, which nobody has read yet."""
    if depth > _TREE_DEPTH:
        return []
    match tree:
        case {"o": int(number)}:
            return [number]
        case dict():
            return [number for branch in tree.values() for number in _modules_in(branch, depth + 1)]
        case list():
            return [number for branch in tree for number in _modules_in(branch, depth + 1)]
    return []


def _in_order(answer: Message, state: State | None) -> Message:
    """An answer to "state" whose parameters and buffers come in the order of `state`.

    Only a mistake of the bank follows another transcript, so the answer is a host's in this process.
    """
    names = list(state or ())
    match answer.body:
        case {
            "d": [
                [
                    "ok",
                    {"d": [["described", str(text)], ["values", {"l": list(values)}], ["grads", {"l": list(grads)}]]},
                ]
            ]
        }:
            rows = msgspec.json.decode(text)
            places = sorted(
                range(len(rows)), key=lambda k: names.index(rows[k][0]) if rows[k][0] in names else len(names)
            )
            described = msgspec.json.encode([rows[k] for k in places]).decode()
            sorted_values, sorted_grads = ([column[k] for k in places] for column in (values, grads))
            parts = [["described", described], ["values", {"l": sorted_values}], ["grads", {"l": sorted_grads}]]
            return Message({"d": [["ok", {"d": parts}]]}, answer.tensors)
    return answer


def _values(question: Message) -> dict[str, Tensor]:
    values = Decoder([wire.data for wire in question.tensors], Remote).value(question.body["values"])
    return {
        str(name): value
        for name, value in values.items()
        if isinstance(value, Tensor) and not str(name).endswith("num_batches_tracked")
    }
