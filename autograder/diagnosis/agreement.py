"""When two pieces of code have answered alike: on behaviour alone, whatever the style.

A style is, for example, whether a pair comes as a tuple or a list, whether a layer is linear or a 1x1 convolution, how
an exception is worded, or writing a value that was there already.

How a module draws its weights is a style, too. Where a call has drawn random numbers, what it has made or was given may
answer with other values until values are loaded into it, as long as shapes, types and flags agree. Such an agreement in
form does not rule code out, and proves nothing.
Where a check is about the draws themselves, all its answers may differ so, and what it derived from them is compared.
"""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from autograder.sandbox.protocol import (
    Around,
    Attribute,
    Backward,
    Call,
    Described,
    LoadState,
    Message,
    Misfits,
    Modules,
    Parts,
    Raised,
    Returned,
    State,
    Tree,
    Value,
)
from autograder.sandbox.record import Exchange, Record
from autograder.sandbox.values import Kept, MalformedMessage, ReplyDecoder, same, tree_leaves
from autograder.suite.failures import Statistic

_EXACT = (1e-7, 1e-9)
"""rtol and atol of float64: what suites do not notice is no mistake, and two mistakes do not come this close."""
_SINGLE = (1e-4, 1e-5)
_TOLERANCES = {torch.float64: _EXACT, torch.float32: _SINGLE, torch.complex128: _EXACT, torch.complex64: _SINGLE}
_HALF = (2e-2, 1e-2)


class Agreement(enum.Enum):
    """How far two answers agree."""

    NONE = enum.auto()
    FORM = enum.auto()
    """Shapes, types and flags agree, and the values depend on weights that the code has drawn."""
    VALUES = enum.auto()


@dataclass(frozen=True)
class Itself:
    """An argument that came back, by its place."""

    place: int


class Answers:
    """What code answered in one check, ready to be compared."""

    def __init__(self, record: Record, statistics: Sequence[Statistic] = ()) -> None:
        """`statistics` are what the check derived from the answers, where these hold random draws."""
        self.exchanges = [Answer(exchange) for exchange in record]
        self.statistics = statistics

    def agreement(self, other: Answers) -> list[Agreement]:
        """How far each answer agrees with the other's; one answer that does not, where they were not asked alike."""
        pairs = list(zip(self.exchanges, other.exchanges, strict=False))
        if len(self.exchanges) != len(other.exchanges) or any(not a.asked_like(b) for a, b in pairs):
            return [Agreement.NONE]
        # What went through single precision is no more exact than that, in whatever dtype it comes back.
        single = self._is_single and other._is_single
        # Where nothing but errors came, any two slips may raise a TypeError.
        same_error = (
            _same_topic if any(a.came_back for a, _ in pairs) or any(b.came_back for _, b in pairs) else _same_kind
        )
        own_weights = _depend_on_own_weights(pairs)
        drawn = bool(self.statistics or other.statistics)
        agreed = [
            a.agreement(b, single, same_error, form_will_do=own or drawn)
            for (a, b), own in zip(pairs, own_weights, strict=True)
        ]
        return [*agreed, *_same_statistics(self.statistics, other.statistics)]

    def may_agree(self, pairs: Sequence[tuple[Answer, Answer]]) -> bool:
        """Whether the last of these may agree, the first answers here and another's to the same questions: not, where
        `agreement` of all answers would be none.
        """
        mine, other = pairs[-1]
        if mine.agreement(other, self._is_single, _same_error, form_will_do=False) is Agreement.VALUES:
            return True
        form_will_do = bool(self.statistics) or _depend_on_own_weights(pairs)[-1]
        return mine.agreement(other, self._is_single, _same_error, form_will_do=form_will_do) is not Agreement.NONE

    @functools.cached_property
    def _is_single(self) -> bool:
        return any(answer.is_single for answer in self.exchanges)

    def same_words(self, other: Answers) -> bool:
        """All errors say the same, in whichever order operands are named; of answers that agree."""
        pairs = zip(self.exchanges, other.exchanges, strict=True)
        return all(sorted(a.error_text.split()) == sorted(b.error_text.split()) for a, b in pairs)


class Answer:
    """One exchange, its values decoded when they are asked for."""

    def __init__(self, exchange: Exchange) -> None:
        self.question, self.reply = exchange.question, exchange.reply
        self.body = None if exchange.reply is None else exchange.reply.body
        self.lost = exchange.lost
        self._result: Any = _UNREAD

    @property
    def name(self) -> str:
        """The name of the file that was called; empty where none was."""
        match self.question.body:
            case Call(function={"s": str(name)}):
                return name
        return ""

    @property
    def came_back(self) -> bool:
        return isinstance(self.body, Returned)

    @property
    def is_single(self) -> bool:
        """A call came back with a result in single precision."""
        return isinstance(self.question.body, Call) and self.came_back and _is_single(self.result)

    @property
    def error_text(self) -> str:
        return self.body.text if isinstance(self.body, Raised) else ""

    @property
    def result(self) -> Any:
        """The values of `Returned` and `Value`."""
        if self._result is _UNREAD:
            tree = self.body.result if isinstance(self.body, Returned) else self.body.value  # type: ignore[union-attr]
            self._result = _decoded(tree, self.question, self.reply)
        return self._result

    @property
    def kept(self) -> list[Kept]:
        """Objects among the values that came back."""
        leaves = tree_leaves(self.result) if isinstance(self.body, (Returned, Value)) else []
        return [leaf for leaf in leaves if isinstance(leaf, Kept)]

    def asked_like(self, other: Answer) -> bool:
        """Both were asked the same kind of thing, of the same."""
        mine, others = self.question.body, other.question.body
        if type(mine) is not type(others):
            return False
        match mine:
            case Call():
                return bool(mine.function == others.function)
            case Backward():
                return bool(mine.call == others.call)
            case State() | LoadState() | Modules():
                return bool(mine.target == others.target)
            case Attribute():
                return bool((mine.target, mine.name) == (others.target, others.name))
        return True

    def agreement(self, other: Answer, single: bool, same_error: _SameError, *, form_will_do: bool) -> Agreement:
        """How far the two agree; `single` compares in single precision."""
        if self._same(other, _Scale(single, form_only=False), same_error):
            return Agreement.VALUES
        in_form = form_will_do and self._same(other, _Scale(single, form_only=True), same_error)
        return Agreement.FORM if in_form else Agreement.NONE

    def _same(self, other: Answer, scale: _Scale, same_error: _SameError) -> bool:
        if self.reply is None or other.reply is None:
            return self.reply is other.reply and self.lost == other.lost
        if isinstance(self.body, Raised) or isinstance(other.body, Raised):
            return (
                isinstance(self.body, Raised) and isinstance(other.body, Raised) and same_error(self.body, other.body)
            )
        compare = _COMPARED.get(type(self.body))
        if compare is None or type(self.body) is not type(other.body):
            return type(self.body) is type(other.body)
        return compare(self, other, scale)


def _same_statistics(mine: Sequence[Statistic], others: Sequence[Statistic]) -> list[Agreement]:
    """How far each quantity agrees; one that does not, where others were derived."""
    if [each.name for each in mine] != [each.name for each in others]:
        return [Agreement.NONE]
    close = [abs(a.value - b.value) <= a.band + b.band for a, b in zip(mine, others, strict=True)]
    return [Agreement.VALUES if each else Agreement.NONE for each in close]


_UNREAD = object()


@dataclass(frozen=True)
class _Scale:
    """How closely values are compared."""

    single: bool
    form_only: bool


_SameError = Callable[[Raised, Raised], bool]


def _depend_on_own_weights(pairs: Sequence[tuple[Answer, Answer]]) -> list[bool]:
    """For each pair of answers to one question, whether they depend on weights that the code has drawn itself.

    Two modules are the same again once the same values have been loaded into both.
    """
    own: set[int] = set()
    """Modules with such weights, by number."""
    calls: set[int] = set()
    """Calls that depend on them."""
    depend = []
    for pair in pairs:
        question, body = pair[0].question.body, pair[0].body
        depends, drew = False, any(isinstance(answer.body, Returned) and answer.body.drew for answer in pair)
        match question:
            case State(target=target) | Attribute(target=target) | Modules(target=target):
                depends = target in own
            case Backward(call=call):
                depends = call in calls
            case Call():
                given = {number for tree in (question.args, question.kwargs) for number in _objects_in(tree)}
                depends = not own.isdisjoint(given | set(_objects_in(question.function)))
                if pair[0].name and drew:  # the file's own code may have drawn values for whatever it was given
                    own |= given
            case LoadState(target=target, draw=int()):
                own.discard(target) if _same_values_loaded(*pair) else own.add(target)
        if isinstance(body, Returned) and depends:
            calls.add(body.call)
        if depends or (pair[0].name and drew):
            own.update(kept.number for answer in pair for kept in answer.kept)
        depend.append(depends)
    return depend


def _same_values_loaded(one: Answer, other: Answer) -> bool:
    """Both modules took the same values."""
    took = [isinstance(answer.body, Misfits) and answer.body.loaded for answer in (one, other)]
    drawn = [(question.draw, _entries_of(question)) for question in (one.question.body, other.question.body)]
    mine, others = _values_to_load(one), _values_to_load(other)
    equal = mine.keys() == others.keys() and all(same(mine[name], others[name]) for name in mine)
    return all(took) and drawn[0] == drawn[1] and equal


def _entries_of(question: LoadState) -> list[tuple[str, list[int], str]]:
    """A linear layer is a 1x1 convolution, and so many numbers are drawn for both."""
    return [
        (each.name, each.shape[:2] if each.shape[2:] == [1, 1] else each.shape, each.kind) for each in question.entries
    ]


def _values_to_load(answer: Answer) -> dict[str, Tensor]:
    question, tensors = answer.question.body, answer.question.tensors
    return {name: _linear(tensors[place].data) for name, place in question.values.items()}


def _objects_in(tree: Tree) -> Iterator[int]:
    """Numbers of the objects in a question's tree, which our own encoder has made."""
    if isinstance(tree, dict):
        if isinstance(tree.get("o"), int):
            yield tree["o"]
        tree = list(tree.values())
    if isinstance(tree, list):
        for branch in tree:
            yield from _objects_in(branch)


def _decoded(tree: Tree, question: Message, reply: Message | None) -> Any:
    tensors = [] if reply is None else [wire.data for wire in reply.tensors]
    try:
        return ReplyDecoder(tensors, [Itself(place) for place in range(len(question.tensors))]).value(tree)
    except MalformedMessage as error:
        return str(error)


def _tensor(answer: Answer, place: int | None) -> Tensor | None:
    """A tensor of the reply's table."""
    tensors = [] if answer.reply is None else answer.reply.tensors
    return None if place is None or place >= len(tensors) else tensors[place].data


# -- errors -----------------------------------------------------------------------------------------------------------

_TOPICS = {
    "something is not there": re.compile(r"NoneType|has no attribute|missing \d+ required"),
    "dtypes": re.compile(r"dtype|scalar type|Float|Double"),
    "shapes": re.compile(r"shape|size|dimension|unpack|broadcast"),
}
"""What errors are about. Type and wording depend on how the line is written that a slip makes fail."""


def _same_topic(one: Raised, other: Raised) -> bool:
    """Both raised about the same thing."""
    return _topic(one) == _topic(other)


def _topic(error: Raised) -> str:
    found = (topic for topic, pattern in _TOPICS.items() if pattern.search(error.text))
    return next(found, error.builtin)


def _same_kind(one: Raised, other: Raised) -> bool:
    """Both raised the same error, numbers apart."""
    if _about_none(one) and _about_none(other):
        return True
    return one.builtin == other.builtin and _numberless(one.text) == _numberless(other.text)


def _same_error(one: Raised, other: Raised) -> bool:
    """The same by either measure."""
    return _same_topic(one, other) or _same_kind(one, other)


def _about_none(error: Raised) -> bool:
    """Something was None: which attribute or operation missed it first is a matter of style."""
    return error.builtin in ("AttributeError", "TypeError") and "NoneType" in error.text


def _numberless(text: str) -> str:
    return re.sub(r"\d+", "0", text)


# -- values -----------------------------------------------------------------------------------------------------------


def _same(one: Any, other: Any, scale: _Scale) -> bool:
    """Equal values; tensors and floats within tolerance, NaN equal to NaN."""
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return _same_tensor(one, other, scale)
    if isinstance(one, float) and isinstance(other, float):
        numbers = torch.tensor([one, other], dtype=torch.float64)
        # Python has no single precision, but a number may have been taken from a tensor that had.
        left, right = numbers.float() if _fits_single(numbers) else numbers
        return scale.form_only or _close(left, right, scale)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(_same(a, b, scale) for a, b in zip(one, other, strict=True))
    if type(one) is not type(other):
        return False
    if type(one) is int and scale.form_only:
        return True
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key], scale) for key in one)
    if isinstance(one, Kept):
        return True  # the class of an object is a matter of style
    return bool(one == other)


def _fits_single(numbers: Tensor) -> bool:
    return torch.allclose(numbers.float().double(), numbers, rtol=0, atol=0, equal_nan=True)


def _same_tensor(one: Tensor, other: Tensor, scale: _Scale) -> bool:
    if one.shape != other.shape or one.dtype != other.dtype or one.is_meta != other.is_meta:
        return False
    return one.is_meta or scale.form_only or _close(one.detach(), other.detach(), scale)


def _close(one: Tensor, other: Tensor, scale: _Scale) -> bool:
    if not (one.is_floating_point() or one.is_complex()):
        return torch.equal(one, other)
    if scale.single and one.dtype == torch.float64:
        one, other = one.float(), other.float()
    rtol, atol = _TOLERANCES.get(one.dtype, _HALF)
    # Most are equal to the last bit, which is seen at a fraction of the cost.
    return torch.equal(one, other) or torch.allclose(one, other, rtol=rtol, atol=atol, equal_nan=True)


def _same_weight(one: Tensor | None, other: Tensor | None, scale: _Scale) -> bool:
    """Equal values, where (out, in) and (out, in, 1, 1) are the same shape."""
    if one is None or other is None:
        return one is other
    return _same_tensor(_linear(one), _linear(other), scale)


def _linear(weight: Tensor) -> Tensor:
    shape = _as_linear(weight.shape)
    return weight if weight.dim() == len(shape) else weight.reshape(shape)


def _as_linear(shape: Sequence[int]) -> tuple[int, ...]:
    """The shape (out, in) for a 1x1 convolution's weight, any other shape as it is."""
    return tuple(shape[:2]) if len(shape) == 4 and tuple(shape[2:]) == (1, 1) else tuple(shape)


def _same_gradient(one: Any, other: Any, scale: _Scale) -> bool:
    """Equal gradients; none and zero are the same to whoever trains."""
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return _same_weight(one, other, scale)
    present = one if isinstance(one, Tensor) else other
    return not isinstance(present, Tensor) or present.is_meta or scale.form_only or not bool(present.any())


def _is_single(value: object) -> bool:
    if isinstance(value, Tensor):
        return value.dtype == torch.float32
    return isinstance(value, (list, tuple)) and any(map(_is_single, value))


# -- answers ----------------------------------------------------------------------------------------------------------


def _same_return(one: Answer, other: Answer, scale: _Scale) -> bool:
    """Same result and same effects on the arguments."""
    if isinstance(one.question.body, Backward):
        left, right = one.result, other.result
        fits = isinstance(left, list) and isinstance(right, list) and len(left) == len(right)
        return fits and all(_same_gradient(a, b, scale) for a, b in zip(left, right, strict=True))
    return _same(one.result, other.result, scale) and _same(_effects(one), _effects(other), scale)


def _effects(answer: Answer) -> dict[int, dict[str, Any]]:
    """What changed in the arguments, by place; writing what was there already changes nothing."""
    assert isinstance(answer.body, Returned)
    found: dict[int, dict[str, Any]] = {}
    given = answer.question.tensors
    for effect in answer.body.effects:
        if effect.tensor >= len(given):
            continue
        before = given[effect.tensor]
        changed: dict[str, Any] = {}
        value, grad = _tensor(answer, effect.value), _tensor(answer, effect.grad)
        if value is not None and not same(value, before.data):
            changed["value"] = value
        if effect.grad_rebound and not same(grad, None if before.grad is None else given[before.grad].data):
            changed["grad"] = grad
        if effect.requires_grad is not None:
            changed["requires_grad"] = effect.requires_grad
        if effect.hooked:
            changed["hooked"] = True
        if changed:
            found[effect.tensor] = changed
    return dict(sorted(found.items()))


def _same_state(one: Answer, other: Answer, scale: _Scale) -> bool:
    """Same parameters and buffers by name, in whatever order they were made."""
    left, right = _rows(one, scale), _rows(other, scale)
    if left.keys() != right.keys():
        return False
    return all(
        left[name][0] == right[name][0]
        and _same_weight(left[name][1], right[name][1], scale)
        and _same_gradient(left[name][2], right[name][2], scale)
        for name in left
    )


def _rows(answer: Answer, scale: _Scale) -> Mapping[str, tuple[tuple[object, ...], Tensor | None, Tensor | None]]:
    """Of each parameter and buffer what is said of it, its value and its gradient, by name.

    What is a matter of style is left out: the order, the counter of batches, and whether a linear layer is written as
    a 1x1 convolution.
    """
    assert isinstance(answer.body, Described)
    rows = {}
    for row in answer.body.rows:
        if row.name.endswith("num_batches_tracked"):
            continue
        dtype = "float32" if scale.single and row.dtype == "float64" else row.dtype
        said = _as_linear(row.shape), dtype, row.device, row.requires_grad, row.is_parameter, row.persistent
        rows[row.name] = said, _tensor(answer, row.value), _tensor(answer, row.grad)
    return rows


def _same_misfits(one: Answer, other: Answer, _: _Scale) -> bool:
    """Same misfits of a state dict, in whatever order."""
    return _misfits(one.body) == _misfits(other.body)


def _misfits(body: object) -> object:
    assert isinstance(body, Misfits)
    misshapen = sorted((name, _as_linear(wanted), _as_linear(own)) for name, wanted, own in body.misshapen)
    return sorted(body.missing), sorted(body.unexpected), misshapen


_MODELESS = ("Linear", "Conv2d")


def _same_parts(one: Answer, other: Answer, _: _Scale) -> bool:
    """Same training flags where both have a module of that name; what else they are made of is a matter of style.

    So is the flag of a layer that is the same in either mode.
    """
    assert isinstance(one.body, Parts)
    assert isinstance(other.body, Parts)
    left, right = ({name: (kind, mode) for name, kind, mode in body.modules} for body in (one.body, other.body))
    common = [(left[name], right[name]) for name in left.keys() & right.keys()]
    return bool(common) and all(mine[0] in _MODELESS or mine[1] == others[1] for mine, others in common)


_COMPARED: dict[type, Callable[[Answer, Answer, _Scale], bool]] = {
    Returned: _same_return,
    Described: _same_state,
    Misfits: _same_misfits,
    Parts: _same_parts,
    Around: lambda one, other, scale: one.body == other.body,
    Value: lambda one, other, scale: _same(one.result, other.result, scale),
}
