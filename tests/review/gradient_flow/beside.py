"""Cells to measure, next to the student's code: linear ones, and such as leave a part of their state out."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


class LinearCell(nn.Module):
    """h' = h @ matrix + x.sum()."""

    def __init__(self, matrix: Tensor) -> None:
        super().__init__()
        self.matrix = nn.Parameter(matrix)

    def forward(self, x: Tensor, h: Tensor, /) -> Tensor:
        return h @ self.matrix + x.sum()


class Amnesiac(nn.Module):
    """h' = tanh(x @ matrix): the old state is of no importance."""

    def __init__(self, matrix: Tensor) -> None:
        super().__init__()
        self.matrix = nn.Parameter(matrix)

    def forward(self, x: Tensor, h: Tensor, /) -> Tensor:
        return torch.tanh(x @ self.matrix)


def as_given(state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    if not isinstance(state, tuple):
        raise TypeError(f"the state is a {type(state).__name__}, expected the tuple as it was given")
    return state


class Passenger(nn.Module):
    """(h', c) = (w * h, c), or (w * h, zeros without a graph): c rides along and changes nothing."""

    def __init__(self, w: float, fresh: bool) -> None:
        super().__init__()
        self._w, self._fresh = w, fresh

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor], /) -> tuple[Tensor, Tensor]:
        h, c = as_given(state)
        return self._w * h, torch.zeros_like(c) if self._fresh else c


def linear_cell(matrix: Tensor) -> LinearCell:
    return LinearCell(matrix)


def amnesiac(matrix: Tensor) -> Amnesiac:
    return Amnesiac(matrix)


def passenger(w: float, fresh: bool) -> Passenger:
    return Passenger(w, fresh)


class Multiplied(nn.Module):
    """h' = x * h, for one number x of each sample."""

    def forward(self, x: Tensor, h: Tensor, /) -> Tensor:
        return x * h


def multiplied() -> Multiplied:
    return Multiplied()


class Linked(nn.Module):
    """The first tensor of the state becomes w times itself plus u times the sums of all others, each other one u times
    itself: all of them count, whatever their shapes.
    """

    def __init__(self, w: float, u: float) -> None:
        super().__init__()
        self._w, self._u = w, u

    def forward(self, x: Tensor, state: tuple[Tensor, ...], /) -> tuple[Tensor, ...]:
        first, *others = as_given(state)
        added = sum((other.flatten(1).sum(1, keepdim=True) for other in others), torch.zeros_like(first))
        return self._w * first + self._u * added, *(self._u * other for other in others)


def linked(w: float, u: float) -> Linked:
    return Linked(w, u)


class ByMode(nn.Module):
    """What comes last, times 1.5 in training mode, and half of it in evaluation mode: a cell, or a block."""

    def forward(self, *given: Tensor) -> Tensor:
        return (1.5 if self.training else 0.5) * given[-1]


def by_mode() -> ByMode:
    return ByMode()


class Scaled(nn.Module):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self._factor = factor

    def forward(self, a: Tensor) -> Tensor:
        return self._factor * a


def nested(factor: float) -> nn.Sequential:
    return nn.Sequential(Scaled(factor), nn.Sequential(nn.Identity()))


def repeated(block: nn.Module, count: int) -> nn.Sequential:
    """One block so many times, the same object."""
    return nn.Sequential(*[block] * count)


def hooks(module: nn.Module) -> int:
    """How many hooks there are on a module and on what is in it."""
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return sum(len(getattr(part, kind)) for part in module.modules() for kind in kinds)


def inputs_of_blocks(measure: Callable[..., Tensor], count: int, factor: float, x: Tensor) -> list[Tensor]:
    """What so many blocks a -> factor * a are given, each for the first time, where their inputs are added."""
    seen: dict[int, Tensor] = {}

    class Block(nn.Module):
        def __init__(self, place: int) -> None:
            super().__init__()
            self._place = place

        def forward(self, a: Tensor) -> Tensor:
            seen.setdefault(self._place, a.detach().clone())
            return factor * a

    measure([Block(place) for place in range(count)], x, True)
    return [seen[place] for place in sorted(seen)]
