"""A module's weights as they are described, drawn and loaded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from msgspec import structs
from torch import Tensor

from autograder.language import tr, tr_n
from autograder.sandbox.modules import drawn
from autograder.sandbox.protocol import Entry, Kind, Misfits, Row
from autograder.sandbox.session import misunderstood
from autograder.sandbox.values import dtype_from_name, dtype_name
from autograder.suite.wire import Replies


@dataclass(frozen=True)
class ParameterInfo:
    """A parameter as it is on the other side. `value` and `grad` are None on the meta device."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    device: str
    requires_grad: bool
    value: Tensor | None
    grad: Tensor | None


@dataclass(frozen=True)
class ModuleInfo:
    """A sub-module: the name of its class, and whether it is in training mode."""

    type: str
    training: bool


@dataclass(frozen=True)
class Drawn:
    """A state dict of random numbers, which are drawn where they are loaded."""

    entries: list[Entry]
    draw: int
    """Their seed."""

    def values(self) -> dict[str, Tensor]:
        """The numbers, drawn here and taken from nobody's answer; what is not of floating point has none."""
        return drawn(self.entries, self.draw)

    def in_two_steps(self) -> list[Drawn]:
        """First one half of the numbers, while the others stay as they are, then the other half."""
        half = len(self.entries) // 2
        first, second = self.entries[:half], self.entries[half:]
        return [Drawn([*first, *map(_kept, second)], self.draw), Drawn([*map(_kept, first), *second], self.draw)]


def _kept(entry: Entry) -> Entry:
    return structs.replace(entry, kind="kept")


_MOST_DRAWN = 1 << 23
"""Numbers for one module."""


def numbers_for(rows: Sequence[Row]) -> list[Entry]:
    """Which random numbers a state dict of these rows is given. Raises SubjectDied for too many."""
    if sum(math.prod(row.shape) for row in rows) > _MOST_DRAWN:  # a row costs nothing, its numbers do
        raise misunderstood("a module has more parameters than numbers are drawn for")
    return [Entry(row.name, row.shape, _kind(row)) for row in rows if row.persistent]


def _kind(row: Row) -> Kind:
    """Which random numbers a parameter or buffer is given. Statistics are far from their defaults, 0 and 1."""
    leaf = row.name.rpartition(".")[2]
    if not dtype_from_name(row.dtype).is_floating_point:
        return "kept"
    if leaf == "running_var":
        return "variance"
    if len(row.shape) >= 2:
        return "matrix"
    return "scale" if leaf == "weight" and row.is_parameter else "other"


def value_of(row: Row, decoder: Replies) -> Tensor | None:
    """A row's value, which must be of the shape and dtype that the row says."""
    value = decoder.bare(row.value)
    if value is not None and not (_fits(value, row) and dtype_name(value.dtype) == row.dtype):
        raise misunderstood("a parameter's value is of another kind than its description")
    return None if value is None else value.clone()  # suites write into it; what was answered stays as it was


def grad_of(row: Row, decoder: Replies) -> Tensor | None:
    """A row's gradient, which must be of the shape that the row says."""
    grad = decoder.bare(row.grad)
    if grad is not None and not _fits(grad, row):
        raise misunderstood("a parameter's gradient is of another shape than its description")
    return grad


def _fits(tensor: Tensor, row: Row) -> bool:
    return not tensor.is_meta and list(tensor.shape) == row.shape


def problems_of(misfits: Misfits) -> list[str]:
    """What of a state dict does not fit, in words."""
    problems = []
    if misfits.missing:
        problems.append(tr("no parameter or buffer is called {names}", names=_names(misfits.missing)))
    if misfits.unexpected:
        names, count = _names(misfits.unexpected), len(misfits.unexpected)
        problems.append(tr_n("{names} is not asked for", "{names} are not asked for", count, names=names))
    problems += [
        tr("`{name}` has shape {got}, expected {expected}", name=name[:200], got=tuple(own), expected=tuple(expected))
        for name, expected, own in misfits.misshapen[:_MAX_NAMED]
    ]
    if len(misfits.misshapen) > _MAX_NAMED:
        problems.append(tr("{count} more have another shape than expected", count=len(misfits.misshapen) - _MAX_NAMED))
    return problems


_MAX_NAMED = 6


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name[:200]}`" for name in names[:_MAX_NAMED])
    rest = len(names) - _MAX_NAMED
    return tr("{first} and {rest} more", first=shown, rest=rest) if rest > 0 else shown
