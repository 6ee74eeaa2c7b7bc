"""Another cell than the student's, for `run`: whatever is wrong with RNNCell, `run` can be right."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


class Turning:
    """h' = sin(h @ weight + x.sum()). No module with sizes to ask for, and a first state of its own."""

    def __init__(self, weight: Tensor, first: Tensor) -> None:
        self._weight, self._first = weight, first

    def __call__(self, x: Tensor, h: Tensor | None = None, /) -> Tensor:
        if h is None:
            h = self._first.expand(x.shape[0], -1)
        return torch.sin(h @ self._weight + x.sum(1, keepdim=True))


def run_another_cell(
    xs: Tensor, weight: Tensor, first: Tensor, h: Tensor | None = None, *, run: Callable[..., tuple[Tensor, Tensor]]
) -> tuple[Tensor, Tensor]:
    cell = Turning(weight, first)
    return run(cell, xs) if h is None else run(cell, xs, h)


def run_counting_cell(xs: Tensor, h: Tensor, *, run: Callable[..., tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """The cell adds the number of its calls, which stands for what is random in a cell with dropout."""
    calls = 0

    def cell(x: Tensor, h: Tensor, /) -> Tensor:
        nonlocal calls
        calls += 1
        return torch.sin(h + x.sum(1, keepdim=True)) + calls

    return run(cell, xs, h)


class TurningModule(nn.Module):
    """The same as a module."""

    def __init__(self, turning: Turning) -> None:
        super().__init__()
        self._turning = turning

    def forward(self, x: Tensor, h: Tensor | None = None, /) -> Tensor:
        return self._turning(x, h)


def run_a_module(
    xs: Tensor, weight: Tensor, first: Tensor, h: Tensor, *, run: Callable[..., tuple[Tensor, Tensor]]
) -> tuple[Tensor, Tensor]:
    """In evaluation mode."""
    return run(TurningModule(Turning(weight, first)).eval(), xs, h)
