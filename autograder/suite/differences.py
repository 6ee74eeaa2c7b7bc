"""How two values differ, and the words for it: which quantity, how far off, and where. Never an expected tensor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Any

import torch
from torch import Tensor

from autograder.language import tr_kept as tr
from autograder.language import tr_n
from autograder.suite.gaps import Gaps, gaps
from autograder.suite.subjects import ObjectProxy

_TOLERANCES = {torch.float64: (1e-7, 1e-7), torch.float32: (1.3e-6, 1e-5)}
"""Relative and absolute, as in `torch.testing.assert_close`; comparisons with the reference are all in float64."""

_ROUNDED = 5e-7
"""How far off float32 is at most, as a share of the largest value."""

_LONG_TEXT = 60
"""Characters. Longer ones are not shown whole."""

_FEW = 6
"""Numbers that fit side by side on a page."""


@dataclass(frozen=True)
class Difference:
    kind: str
    """type | shape | dtype | device | NaN | value | precision"""
    text: str
    """The end of a sentence."""
    numbers: tuple[tuple[str, str, str], ...] = ()
    """Index, actual and expected value of each, where they are few."""
    gaps: Gaps = ()
    """How far off images are."""


def difference_between(actual: Any, expected: Any, share: float | None = None) -> Difference | None:
    """How `actual` differs from `expected`; with `share`, by more than that share of the largest value."""
    if expected is None:
        return None if actual is None else Difference("type", tr("is {got}, expected None", got=kind_of(actual)))
    if not isinstance(expected, Tensor):
        if isinstance(actual, Tensor):
            return Difference("type", tr("is a tensor, expected {expected}", expected=type(expected).__name__))
        expected = torch.tensor(expected, dtype=torch.float64)
        if not isinstance(actual, (int, float)):
            return Difference("type", tr("is {got}, expected a number", got=type_name(actual)))
        try:
            actual = torch.tensor(float(actual), dtype=torch.float64)
        except OverflowError:
            return Difference("value", tr("is a number of more than 300 digits"))
    if not isinstance(actual, Tensor):
        return Difference(
            "type",
            tr(
                "is {got}, expected a tensor of shape {shape}",
                got=type_name(actual),
                shape=tuple(expected.shape),
            ),
        )
    if actual.shape != expected.shape:
        return Difference(
            "shape", tr("has shape {got}, expected {expected}", got=tuple(actual.shape), expected=tuple(expected.shape))
        )
    if actual.dtype != expected.dtype:
        return Difference(
            "dtype", tr("has dtype {got}, expected {expected}", got=dtype_of(actual), expected=dtype_of(expected))
        )
    if actual.device != expected.device:
        return Difference(
            "device", tr("is on the device {got}, expected {expected}", got=actual.device, expected=expected.device)
        )
    if expected.is_meta:  # has no values
        return None
    actual, expected = actual.detach(), expected.detach()
    if not expected.is_floating_point():
        wrong = actual != expected
        if not wrong.any():
            return None
        told = tr("is another number")
        if wrong.dim():
            told = tr(
                "differs in {wrong} of {count} values, first at {place}",
                wrong=int(wrong.sum()),
                count=wrong.numel(),
                place=_position(wrong),
            )
        return _of_values("value", told, actual, expected, wrong)
    if torch.equal(actual, expected):  # as most are, which costs a tenth
        return None
    rtol, atol = _TOLERANCES.get(expected.dtype, (1e-3, 1e-5))
    if share is not None:
        rtol, atol = 0.0, share * float(expected.abs().max())
    same = torch.isclose(actual, expected, rtol=rtol, atol=atol, equal_nan=True)
    if same.all():
        return None
    wrong = ~same
    strange = wrong & ~actual.isfinite() & expected.isfinite()
    if strange.any():
        kind = "NaN" if actual[strange].isnan().any() else tr("infinite")
        told = tr("is {kind}", kind=kind)
        if wrong.dim():
            told = tr(
                "is {kind} in {wrong} of {count} values, first at {place}",
                kind=kind,
                wrong=int(strange.sum()),
                count=wrong.numel(),
                place=_position(strange),
            )
        return _of_values("NaN", told, actual, expected, wrong)
    gap = (actual - expected).abs().nan_to_num(nan=float("inf"), posinf=float("inf")).masked_fill(same, 0.0)
    where = gap == gap.max()
    size = float(gap.max())
    far = tr("by up to {size:.3g}", size=size) if size < float("inf") else tr("by NaN or infinity")
    told = tr("differs {far}", far=far)
    if wrong.dim():
        told = tr("differs {far} at {place}", far=far, place=_position(where))
    if wrong.numel() > 1:
        told = tr(
            "differs in {wrong} of {count} values, {far} at {place}",
            wrong=int(wrong.sum()),
            count=wrong.numel(),
            far=far,
            place=_position(where),
        )
    if expected.dtype == torch.float64 and size <= _ROUNDED * float(expected.abs().max()) < float("inf"):
        why = tr("so little comes of computing or rounding in float32 where float64 goes in, or of a tiny constant")
        return Difference("precision", f"{told}: {why}")
    if share is not None:
        told = f"{told}: {tr('it is not right to four digits')}"
    return _of_values("value", told, actual, expected, wrong)


def _of_values(kind: str, told: str, actual: Tensor, expected: Tensor, wrong: Tensor) -> Difference:
    """A difference with all that can be shown of it: the numbers, where they are few, and how far off images are."""
    return Difference(kind, told, _few_numbers(actual, expected), gaps(actual, expected, wrong))


def _few_numbers(actual: Tensor, expected: Tensor) -> tuple[tuple[str, str, str], ...]:
    """Index, actual and expected value of every number, if there are no more than a page shows."""
    if expected.numel() > _FEW or expected.is_complex():
        return ()
    places = [str(list(index)) if index else "" for index in product(*map(range, expected.shape))]
    values = zip(places, actual.flatten().tolist(), expected.flatten().tolist(), strict=True)
    return tuple((place, *_side_by_side(got, wanted)) for place, got, wanted in values)


def _side_by_side(got: float, wanted: float) -> tuple[str, str]:
    """Both in as few digits as show how they differ."""
    shown = [(f"{got:.{digits}g}", f"{wanted:.{digits}g}") for digits in (4, 7, 12)]
    return next((pair for pair in shown if pair[0] != pair[1]), shown[0]) if got != wanted else shown[0]


def first_difference(actual: Any, expected: Any, where: str) -> tuple[str, Difference] | None:
    """Where plain data differ first, as Python would index it, and how."""
    if isinstance(expected, (list, tuple)):
        if not isinstance(actual, (list, tuple)):
            return where, Difference(
                "type", tr("is {got}, expected a {kind}", got=kind_of(actual), kind=type(expected).__name__)
            )
        for index, (item, wanted) in enumerate(zip(actual, expected, strict=False)):
            if found := first_difference(item, wanted, f"{where}[{index}]"):
                return found
        if len(actual) != len(expected):
            told = tr_n(
                "has {count} item, expected {expected}",
                "has {count} items, expected {expected}",
                len(actual),
                expected=len(expected),
            )
            return where, Difference("length", told)
        return None
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return where, Difference("type", tr("is {got}, expected a dict", got=kind_of(actual)))
        for key, wanted in expected.items():
            if key not in actual:
                return where, Difference("keys", tr("has no {key}", key=_shown(key)))
            if found := first_difference(actual[key], wanted, f"{where}[{_shown(key)}]"):
                return found
        extra = next((key for key in actual if key not in expected), None)
        if extra is None:
            return None
        return where, Difference("keys", tr("has {key}, which is not expected", key=_shown(extra)))
    if isinstance(expected, Tensor):
        found_in_tensor = difference_between(actual, expected)
        return None if found_in_tensor is None else (where, found_in_tensor)
    if type(actual) is not type(expected):
        return where, Difference(
            "type", tr("is {got}, expected {expected}", got=kind_of(actual), expected=_shown(expected))
        )
    if actual == expected or (isinstance(expected, float) and _same_number(actual, expected)):
        return None
    if isinstance(expected, (str, bytes)) and max(len(actual), len(expected)) > _LONG_TEXT:
        pairs = enumerate(zip(actual, expected, strict=False))
        start = next((place for place, (a, b) in pairs if a != b), min(len(actual), len(expected)))
        got, wanted = (repr(text[start : start + 30]) for text in (actual, expected))
        return where, Difference(
            "value",
            tr("goes on with {got} from character {start} on, expected {wanted}", got=got, start=start, wanted=wanted),
        )
    return where, Difference(
        "value", tr("is {got}, expected {expected}", got=_shown(actual), expected=_shown(expected))
    )


def _same_number(one: float, other: float) -> bool:
    """As close as tensors are; NaN equals NaN."""
    rtol, atol = _TOLERANCES[torch.float64]
    return math.isclose(one, other, rel_tol=rtol, abs_tol=atol) or (math.isnan(one) and math.isnan(other))


def _shown(value: Any) -> str:
    """A piece of plain data in a message."""
    if isinstance(value, int) and abs(value) >= 10**60:
        return tr("a number of more than 60 digits")
    text = repr(value)
    return text if len(text) <= _LONG_TEXT else tr("{text}... ({count} characters)", text=text[:50], count=len(text))


def _position(mask: Tensor) -> str:
    """Index of the first set entry, for example "[0, 2, 1]"."""
    return str(mask.nonzero()[0].tolist())


def type_name(value: Any) -> str:
    return "None" if value is None else tr("of type {name}", name=_name_of_type(value))


def _name_of_type(value: Any) -> str:
    return value.type_name if isinstance(value, ObjectProxy) else type(value).__name__


def dtype_of(tensor: Tensor) -> str:
    return _name(tensor.dtype)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def kind_of(value: Any) -> str:
    if value is None:
        return "None"
    return tr("one tensor") if isinstance(value, Tensor) else tr("a value of type {name}", name=_name_of_type(value))
