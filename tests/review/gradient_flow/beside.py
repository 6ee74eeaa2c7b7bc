"""Cells to measure, next to the student's code: linear ones, and such as leave a part of their state out."""

from __future__ import annotations

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
