"""writes tanh as 1 - 2 / (exp(2z) + 1), whose gradient is NaN where exp(2z) is infinite

The value is right even there: 2 divided by infinity is 0. On the way back, infinity is divided by infinity.

Hint: Compare the gradient of your tanh at 500 with that of torch.tanh.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class RNNCell(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        self.weight_ih = nn.Parameter(torch.empty(hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(hidden_size, hidden_size))
        self.bias_ih = nn.Parameter(torch.empty(hidden_size)) if bias else None
        self.bias_hh = nn.Parameter(torch.empty(hidden_size)) if bias else None
        bound = 1.0 / math.sqrt(hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def forward(self, x: Tensor, h: Tensor | None = None) -> Tensor:
        z = x @ self.weight_ih.T
        if h is not None:
            z = z + h @ self.weight_hh.T
        if self.bias_ih is not None:
            z = z + self.bias_ih + self.bias_hh
        return 1 - 2 / (torch.exp(2 * z) + 1)


def run(cell, xs: Tensor, h: Tensor | None = None) -> tuple[Tensor, Tensor]:
    states = []
    for x in xs:
        h = cell(x, h)
        states.append(h)
    return (torch.stack(states) if states else h.new_zeros(0, *h.shape)), h
