"""keeps its weights in two nn.Linear layers

The values are right, but the parameters are called ih.weight, hh.weight and so on, and weights of another cell cannot
be loaded.

Costs more: no weight can be loaded into the cell, so no value of it can be compared.

Hint: Compare the names of your parameters with those in the docstring.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class RNNCell(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.ih = nn.Linear(input_size, hidden_size, bias=bias)
        self.hh = nn.Linear(hidden_size, hidden_size, bias=bias)

    def forward(self, x: Tensor, h: Tensor | None = None) -> Tensor:
        if h is None:
            h = torch.zeros(x.shape[0], self.hidden_size, dtype=x.dtype, device=x.device)
        return torch.tanh(self.ih(x) + self.hh(h))


def run(cell, xs: Tensor, h: Tensor | None = None) -> tuple[Tensor, Tensor]:
    states = []
    for t in range(xs.shape[0]):
        h = cell(xs[t], h)
        states.append(h)
    if len(states) == 0:
        return h.new_zeros(0, *h.shape), h
    return torch.stack(states), h
