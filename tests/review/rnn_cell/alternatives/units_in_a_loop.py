"""computes one hidden unit after the other, and one first step apart in `run`

Slow, and the same numbers. The first call gets no state where there is none.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class RNNCell(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        bound = hidden_size**-0.5
        self.weight_ih = nn.Parameter(torch.empty(hidden_size, input_size).uniform_(-bound, bound))
        self.weight_hh = nn.Parameter(torch.empty(hidden_size, hidden_size).uniform_(-bound, bound))
        self.bias_ih = nn.Parameter(torch.empty(hidden_size).uniform_(-bound, bound)) if bias else None
        self.bias_hh = nn.Parameter(torch.empty(hidden_size).uniform_(-bound, bound)) if bias else None

    def forward(self, x: Tensor, h: Tensor | None = None) -> Tensor:
        if h is None:
            h = torch.zeros(x.shape[0], self.hidden_size, dtype=x.dtype, device=x.device)
        columns = []
        for unit in range(self.hidden_size):
            z = (x * self.weight_ih[unit]).sum(dim=1) + (h * self.weight_hh[unit]).sum(dim=1)
            if self.bias_ih is not None:
                z = z + self.bias_ih[unit] + self.bias_hh[unit]
            columns.append(torch.tanh(z))
        return torch.stack(columns, dim=1)


def run(cell, xs: Tensor, h: Tensor | None = None) -> tuple[Tensor, Tensor]:
    if not len(xs):
        return h.new_empty((0,) + tuple(h.shape)), h
    states = [cell(xs[0]) if h is None else cell(xs[0], h)]
    for x in xs[1:]:
        states.append(cell(x, states[-1]))
    return torch.stack(states, 0), states[-1]
