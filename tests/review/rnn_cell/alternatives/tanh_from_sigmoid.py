"""writes tanh as 2 s(2z) - 1, and skips the product with a state that is not there

The sigmoid does not overflow; zeros add nothing but the bias.
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
        z = x @ self.weight_ih.mT
        if h is not None:
            z = z + h @ self.weight_hh.mT
        if self.bias_ih is not None:
            z = z + self.bias_ih + self.bias_hh
        return 2 * torch.sigmoid(2 * z) - 1


def run(cell, xs: Tensor, h: Tensor | None = None) -> tuple[Tensor, Tensor]:
    states = []
    for t in range(xs.shape[0]):
        h = cell(xs[t], h)
        states.append(h)
    if len(states) == 0:
        return h.new_zeros(0, *h.shape), h
    return torch.stack(states), h
