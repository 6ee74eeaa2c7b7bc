"""When two pieces of code have answered alike: on behaviour alone, whatever the style.

A style is, for example, how weights are drawn, whether a pair comes as a tuple or a list, whether a layer is linear or
a 1x1 convolution, how an exception is worded, or writing a value that was there already.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from autograder.diagnosis.transcript import Entry, Exchange, State, Transcript, as_linear, fits, read_state
from autograder.sandbox.session import Remote
from autograder.sandbox.values import Opaque

_EXACT = (1e-7, 1e-9)
"""rtol and atol of float64: what suites do not notice is no mistake, and two mistakes do not come this close."""
_SINGLE = (1e-4, 1e-5)
_TOLERANCES = {torch.float64: _EXACT, torch.float32: _SINGLE, torch.complex128: _EXACT, torch.complex64: _SINGLE}
_HALF = (2e-2, 1e-2)


class Agreement(enum.Enum):
    """How far two transcripts agree."""

    NONE = enum.auto()
    FORM = enum.auto()
    """As far as can be told: some modules began with other weights, so that their answers agree in form only."""
    FULL = enum.auto()


def alike(one: Transcript, other: Transcript) -> bool:
    """Both answered the same questions in the same way."""
    return agreement(one, other) is Agreement.FULL


def agreement(one: Transcript, other: Transcript) -> Agreement:
    """How far the answers to the same questions agree."""
    if len(one.exchanges) != len(other.exchanges):
        return Agreement.NONE
    # What went through single precision is no more exact than that, in whatever dtype it comes back.
    single = one.is_single() and other.is_single()
    same_error = _same_error if one.answered() or other.answered() else _same_words
    reached = Agreement.FULL
    unlike: set[int | None] = set()
    """Modules that hold other values here than there, and calls of them."""
    for a, b in zip(one.exchanges, other.exchanges, strict=True):
        if (a.operation, a.name) != (b.operation, b.name):
            return Agreement.NONE
        _look_at_values(a, b, unlike)
        compared = _FORM if a.subject is not None and a.subject in unlike else _SAME
        if not _same_exchange(a, b, _FORM if single else compared, same_error):
            return Agreement.NONE
        if single and not _same_exchange(a.rounded(), b.rounded(), compared, same_error):
            return Agreement.NONE
        if compared is _FORM:
            reached = Agreement.FORM
        _look_at_answers(a, b, unlike)
    return reached


def same_words(one: Transcript, other: Transcript) -> bool:
    """All errors say the same, in whichever order operands are named; of transcripts that agree."""
    return all(
        sorted(_error(a.value())["text"].split()) == sorted(_error(b.value())["text"].split())
        for a, b in zip(one.exchanges, other.exchanges, strict=True)
    )


def _look_at_values(a: Exchange, b: Exchange, unlike: set[int | None]) -> None:
    """Whoever drew alike drew the very same."""
    for module in a.told.keys() | b.told.keys():
        states = [_values_in(exchange.state(module)) for exchange in (a, b)]
        (unlike.discard if _identical(*states) else unlike.add)(module)


def _look_at_answers(a: Exchange, b: Exchange, unlike: set[int | None]) -> None:
    if a.operation == "load_state" and fits(a):
        (unlike.discard if _identical(a.loaded, b.loaded) else unlike.add)(a.subject)
    elif a.operation in ("call", "submodule") and a.subject in unlike:
        match _ok(a):
            case {"call": int(number)} | Remote(number):
                unlike.add(number)


def _values_in(state: State | None) -> dict[str, Tensor]:
    return {name: entry.value for name, entry in (state or {}).items() if entry.value is not None}


def _identical(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(_untouched(_linear(one[name]), _linear(other[name])) for name in one)


_Compared = Mapping[str, Callable[[Exchange, Exchange], bool]]
_SameError = Callable[[Mapping[str, str], Mapping[str, str]], bool]


def _same_exchange(one: Exchange, other: Exchange, compared: _Compared, same_error: _SameError) -> bool:
    left, right = one.value(), other.value()
    if "lost" in left or "lost" in right:
        return bool(left == right)
    if ("error" in left) != ("error" in right):
        return False
    if "error" in left:
        return same_error(_error(left), _error(right))
    return compared.get(one.operation, _same_answer)(one, other)


def _error(answer: Mapping[str, Any]) -> Mapping[str, str]:
    error = answer.get("error")
    error = error if isinstance(error, dict) else {}
    return {part: str(error.get(part)) for part in ("builtin", "text")}


# -- errors -----------------------------------------------------------------------------------------------------------

_TOPICS = {
    "something is not there": re.compile(r"NoneType|has no attribute|missing \d+ required"),
    "dtypes": re.compile(r"dtype|scalar type|Float|Double"),
    "shapes": re.compile(r"shape|size|dimension|unpack|broadcast"),
}
"""What errors are about. Type and wording depend on how the line is written that a slip makes fail."""


def _same_error(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Both raised about the same thing."""
    return _topic(one) == _topic(other)


def _topic(error: Mapping[str, str]) -> str:
    found = (topic for topic, pattern in _TOPICS.items() if pattern.search(error["text"]))
    return next(found, error["builtin"])


def _same_words(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Both raised the same error, numbers apart: where nothing but errors came, any two slips may raise a TypeError."""
    if _about_none(one) and _about_none(other):
        return True
    return one["builtin"] == other["builtin"] and _numberless(one["text"]) == _numberless(other["text"])


def _about_none(error: Mapping[str, str]) -> bool:
    """Something was None: which attribute or operation missed it first is a matter of style."""
    return error["builtin"] in ("AttributeError", "TypeError") and "NoneType" in error["text"]


def _numberless(text: str) -> str:
    return re.sub(r"\d+", "0", text)


# -- values -----------------------------------------------------------------------------------------------------------


def _same(one: Any, other: Any) -> bool:
    """Equal values; tensors and floats within tolerance, NaN equal to NaN."""
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return _same_tensor(one, other)
    if isinstance(one, float) and isinstance(other, float):
        numbers = torch.tensor([one, other], dtype=torch.float64)
        # Python has no single precision, but a number may have been taken from a tensor that had.
        return _same_tensor(*(numbers.float() if _is_single(numbers) else numbers))
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, (Remote, Opaque)):
        return isinstance(one, Remote) or one == other
    return bool(one == other)


def _is_single(numbers: Tensor) -> bool:
    return torch.allclose(numbers.float().double(), numbers, rtol=0, atol=0, equal_nan=True)


def _same_tensor(one: Tensor, other: Tensor) -> bool:
    if one.shape != other.shape or one.dtype != other.dtype or one.is_meta != other.is_meta:
        return False
    if one.is_meta:
        return True
    one, other = one.detach(), other.detach()
    if not (one.is_floating_point() or one.is_complex()):
        return torch.equal(one, other)
    rtol, atol = _TOLERANCES.get(one.dtype, _HALF)
    return torch.allclose(one, other, rtol=rtol, atol=atol, equal_nan=True)


def _same_weight(one: Tensor | None, other: Tensor | None) -> bool:
    """Equal values, where (out, in) and (out, in, 1, 1) are the same shape."""
    if one is None or other is None:
        return one is other
    return _same_tensor(_linear(one), _linear(other))


def _linear(weight: Tensor) -> Tensor:
    return weight.reshape(as_linear(tuple(weight.shape)))


def _same_gradient(one: Any, other: Any) -> bool:
    """Equal gradients; none and zero are the same to whoever trains."""
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return _same_weight(one, other)
    present = one if isinstance(one, Tensor) else other
    return not isinstance(present, Tensor) or present.is_meta or not bool(present.any())


# -- answers ----------------------------------------------------------------------------------------------------------


def _same_answer(one: Exchange, other: Exchange) -> bool:
    return _same(_ok(one), _ok(other))


def _ok(exchange: Exchange) -> Any:
    return exchange.value().get("ok")


def _same_call(one: Exchange, other: Exchange) -> bool:
    """Same result and same effects on the arguments."""
    return _same(_result(one), _result(other)) and _same(_effects(one), _effects(other))


_NOTHING = Opaque("no result")


def _result(exchange: Exchange) -> Any:
    answer = _ok(exchange)
    return answer.get("result", _NOTHING) if isinstance(answer, dict) else _NOTHING


def _effects(exchange: Exchange) -> dict[int, dict[str, Any]]:
    """What changed in the arguments, by index; writing what was there already changes nothing."""
    answer = _ok(exchange)
    effects = answer.get("effects") if isinstance(answer, dict) else None
    found: dict[int, dict[str, Any]] = {}
    for effect in effects if isinstance(effects, list) else []:
        match effect:
            case {"index": int(index)} if 0 <= index < len(exchange.before):
                changed = {}
                given = exchange.before[index]
                grad = None if given.grad is None else exchange.before[given.grad].data
                if "value" in effect and not _untouched(effect["value"], given.data):
                    changed["value"] = effect["value"]
                if "grad" in effect and not _untouched(effect.get("grad_value"), grad):
                    changed.update(grad=effect["grad"], grad_value=effect.get("grad_value"))
                if changed:
                    found[index] = changed
    return dict(sorted(found.items()))


def _untouched(after: Any, before: Tensor | None) -> bool:
    if not (isinstance(after, Tensor) and isinstance(before, Tensor)):
        return after is before
    if (after.shape, after.dtype, after.device) != (before.shape, before.dtype, before.device):
        return False
    return after.is_meta or torch.allclose(after, before, rtol=0, atol=0, equal_nan=True)


def _same_state(one: Exchange, other: Exchange) -> bool:
    """Same parameters and buffers by name, in whatever order they were made."""
    left, right = read_state(_ok(one)), read_state(_ok(other))
    if left is None or right is None or left.keys() != right.keys():
        return False
    return all(_same_entry(left[name], right[name]) for name in left)


def _same_entry(one: Entry, other: Entry) -> bool:
    return (
        one.described == other.described
        and _same_weight(one.value, other.value)
        and _same_gradient(one.grad, other.grad)
    )


def _same_grads(one: Exchange, other: Exchange) -> bool:
    """Same gradients by name."""
    left, right = _ok(one), _ok(other)
    if not (isinstance(left, dict) and isinstance(right, dict)) or left.keys() != right.keys():
        return False
    return all(_same_gradient(left[name], right[name]) for name in left)


def _same_backward(one: Exchange, other: Exchange) -> bool:
    left, right = _ok(one), _ok(other)
    if not (isinstance(left, list) and isinstance(right, list)) or len(left) != len(right):
        return False
    return all(map(_same_gradient, left, right))


def _same_report(one: Exchange, other: Exchange) -> bool:
    """Same misfits of a state dict, in whatever order."""
    return _same(_misfits(_ok(one)), _misfits(_ok(other)))


def _misfits(report: Any) -> Any:
    if not isinstance(report, dict):
        return report
    return {key: sorted(map(_misfit, items)) if isinstance(items, list) else items for key, items in report.items()}


def _misfit(item: Any) -> str:
    match item:
        # A tensor among the sizes would neither say whether it is equal nor be short.
        case [str(name), tuple(expected), tuple(got)] if all(type(size) is int for size in (*expected, *got)):
            return f"{name}: {as_linear(expected)} {as_linear(got)}"
        case str():
            return item
    return type(item).__name__  # not its text: whatever may stand here can be long


_MODELESS = ("Linear", "Conv2d")


def _same_modules(one: Exchange, other: Exchange) -> bool:
    """Same training flags where both have a module of that name; what else they are made of is a matter of style.

    So is the flag of a layer that is the same in either mode.
    """
    left, right = _ok(one), _ok(other)
    if not (isinstance(left, dict) and isinstance(right, dict)):
        return False
    common = [(left[name], right[name]) for name in left.keys() & right.keys()]
    return bool(common) and all(_same_mode(*modules) for modules in common)


def _same_mode(one: Any, other: Any) -> bool:
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return False
    kind, flag = one.get("type"), one.get("training")
    # `is`: an answer may hold a tensor there, which does not say whether it is equal.
    return (isinstance(kind, str) and kind in _MODELESS) or (isinstance(flag, bool) and flag is other.get("training"))


# -- form -------------------------------------------------------------------------------------------------------------


def _same_form_of_call(one: Exchange, other: Exchange) -> bool:
    return _same(_form(_result(one)), _form(_result(other))) and _effects(one).keys() == _effects(other).keys()


def _form(value: Any) -> Any:
    """`value` with tensors and numbers that say nothing but what they are."""
    if isinstance(value, Tensor):
        return value.to("meta")
    if isinstance(value, float):
        return 0.0
    if isinstance(value, (list, tuple)):
        return [_form(item) for item in value]
    if isinstance(value, dict):
        return {key: _form(item) for key, item in value.items()}
    return value


def _same_form_of_state(one: Exchange, other: Exchange) -> bool:
    left, right = read_state(_ok(one)), read_state(_ok(other))
    if left is None or right is None or left.keys() != right.keys():
        return False
    return all(left[name].described == right[name].described for name in left)


def _same_form_of_grads(one: Exchange, other: Exchange) -> bool:
    left, right = _ok(one), _ok(other)
    return isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys()


def _same_form_of_backward(one: Exchange, other: Exchange) -> bool:
    left, right = _ok(one), _ok(other)
    return isinstance(left, list) and isinstance(right, list) and len(left) == len(right)


_SAME: _Compared = {
    "call": _same_call,
    "make": _same_call,
    "state": _same_state,
    "grads": _same_grads,
    "backward": _same_backward,
    "load_state": _same_report,
    "modules": _same_modules,
}
_FORM: _Compared = {
    **_SAME,
    "call": _same_form_of_call,
    "state": _same_form_of_state,
    "grads": _same_form_of_grads,
    "backward": _same_form_of_backward,
}
