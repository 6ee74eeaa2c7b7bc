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


class Passenger(nn.Module):
    """(h', c) = (w * h, c), or (w * h, zeros without a graph): c rides along and changes nothing."""

    def __init__(self, w: float, fresh: bool) -> None:
        super().__init__()
        self._w, self._fresh = w, fresh

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor], /) -> tuple[Tensor, Tensor]:
        if not isinstance(state, tuple):
            raise TypeError(f"the state is a {type(state).__name__}, expected the tuple (h, c) as it was given")
        h, c = state
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
