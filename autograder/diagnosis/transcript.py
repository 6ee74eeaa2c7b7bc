"""What code answered to the questions of a suite, and when two pieces of code have answered alike."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from autograder.sandbox.session import Line, Remote, SubjectError
from autograder.sandbox.values import Decoder, MalformedMessage, Message, Opaque

RTOL, ATOL = 1e-6, 1e-8
"""Two rewritings of one formula agree to 1e-12 in float64; two different mistakes do not come this close."""


@dataclass
class Exchange:
    """A question's kind, the name that it called, if any, and the answer (or how none came)."""

    operation: str
    name: str
    answer: Message | str

    def __post_init__(self) -> None:
        self._decoded: Any = None

    def value(self) -> Any:
        """The answer as plain values; what cannot be read, or did not come, is told by a string."""
        if self._decoded is None:
            if isinstance(self.answer, str):
                self._decoded = {"lost": self.answer}
            else:
                try:
                    self._decoded = Decoder([wire.data for wire in self.answer.tensors], Remote).value(self.answer.body)
                except MalformedMessage as error:
                    self._decoded = {"lost": str(error)}
        return self._decoded


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
    """A line that keeps the transcript of the check at hand."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.transcript = Transcript()

    def exchange(self, question: Message) -> Message:
        body = question.body if isinstance(question.body, dict) else {}
        operation, name = str(body.get("op")), body.get("name")
        try:
            answer = self._line.exchange(question)
        except SubjectError as error:
            self._note(operation, name, error.type_name)
            raise
        self._note(operation, name, answer)
        return answer

    def take(self) -> Transcript:
        """The transcript since the last call of this."""
        transcript, self.transcript = self.transcript, Transcript()
        return transcript

    def close(self) -> None:
        self._line.close()

    def _note(self, operation: str, name: Any, answer: Message | str) -> None:
        if operation not in ("load", "reset"):
            called = name if operation == "call" and isinstance(name, str) else ""
            self.transcript.exchanges.append(Exchange(operation, called, answer))


def alike(one: Transcript, other: Transcript) -> bool:
    """Both answered the same questions in the same way."""
    if len(one.exchanges) != len(other.exchanges):
        return False
    strict = not (one.answered() or other.answered())
    return all(_same_exchange(a, b, strict) for a, b in zip(one.exchanges, other.exchanges, strict=True))


def _same_exchange(one: Exchange, other: Exchange, strict: bool) -> bool:
    """`strict`: where nothing but errors came, their texts must agree, too; any two bugs may raise a TypeError."""
    if one.operation != other.operation or one.name != other.name:
        return False
    left, right = one.value(), other.value()
    if "lost" in left or "lost" in right:
        return bool(left == right)
    if ("error" in left) != ("error" in right):
        return False
    if "error" in left:
        parts = ("builtin", "text") if strict else ("builtin",)
        return all(left["error"].get(part) == right["error"].get(part) for part in parts)
    return _SAME.get(one.operation, _same)(left.get("ok"), right.get("ok"))


def _same(one: Any, other: Any) -> bool:
    """Equal values; tensors and floats within tolerance, NaN equal to NaN."""
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return _same_tensor(one, other)
    if isinstance(one, float) and isinstance(other, float):
        return _same_tensor(torch.tensor(one, dtype=torch.float64), torch.tensor(other, dtype=torch.float64))
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, (Remote, Opaque)):
        return isinstance(one, Remote) or one == other
    return bool(one == other)


def _same_tensor(one: Tensor, other: Tensor) -> bool:
    if one.shape != other.shape or one.dtype != other.dtype or one.device != other.device:
        return False
    return one.is_meta or torch.allclose(one.detach(), other.detach(), rtol=RTOL, atol=ATOL, equal_nan=True)


def _same_call(one: Any, other: Any) -> bool:
    """Same result and same effects on the arguments; how often a tensor was written to does not count."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return False
    return _same(one.get("result"), other.get("result")) and _same(
        _effects(one.get("effects")), _effects(other.get("effects"))
    )


def _effects(effects: Any) -> list[Any]:
    found = [effect for effect in effects if isinstance(effect, dict)] if isinstance(effects, list) else []
    return [{**effect, "bumped": bool(effect.get("bumped"))} for effect in found]


def _same_state(one: Any, other: Any) -> bool:
    """Same parameters and buffers by name, in whatever order they were made."""
    return _same(_by_name(one), _by_name(other))


def _by_name(state: Any) -> dict[str, Any]:
    match state:
        case {"described": str(text), "values": list(values), "grads": list(grads)}:
            rows = json.loads(text)
            if len(rows) == len(values) == len(grads):
                return {
                    str(row[0]): [*row[1:], value, grad] for row, value, grad in zip(rows, values, grads, strict=True)
                }
    return {"malformed": True}


def _same_grads(one: Any, other: Any) -> bool:
    """Same gradients by name; none and zero are the same to whoever trains."""
    if not (isinstance(one, dict) and isinstance(other, dict)) or one.keys() != other.keys():
        return False
    return all(_same_gradient(one[name], other[name]) for name in one)


def _same_gradient(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return _same_tensor(one, other)
    present = one if isinstance(one, Tensor) else other
    return not isinstance(present, Tensor) or not bool(present.any())


def _same_backward(one: Any, other: Any) -> bool:
    if not (isinstance(one, list) and isinstance(other, list)) or len(one) != len(other):
        return False
    return all(map(_same_gradient, one, other))


def _same_report(one: Any, other: Any) -> bool:
    """Same misfits of a state dict, in whatever order."""
    return bool(_sorted(one) == _sorted(other))


def _sorted(report: Any) -> Any:
    if not isinstance(report, Mapping):
        return report
    return {key: sorted(map(str, items)) if isinstance(items, Iterable) else items for key, items in report.items()}


def _same_modules(one: Any, other: Any) -> bool:
    """Same training flags where both have a module of that name; what else they are made of is a matter of style."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return False
    return all(_flag(one[name]) == _flag(other[name]) for name in one.keys() & other.keys())


def _flag(module: Any) -> Any:
    return module.get("training") if isinstance(module, dict) else None


_SAME = {
    "call": _same_call,
    "make": _same_call,
    "state": _same_state,
    "grads": _same_grads,
    "backward": _same_backward,
    "load_state": _same_report,
    "modules": _same_modules,
}
