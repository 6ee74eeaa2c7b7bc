"""computes tanh from the magnitude and the sign, so that its gradient at 0 is 0

The values are right and nothing overflows. But where a sum is exactly 0, as for zeros from a zero state without biases,
neither sign nor abs has a gradient, and the slope of tanh is 1 there.

Hint: What is the derivative of abs at 0 in PyTorch, and what is that of tanh?
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
            h = x.new_zeros(x.shape[0], self.hidden_size)
        total = F.linear(x, self.weight_ih, self.bias_ih) + F.linear(h, self.weight_hh, self.bias_hh)
        small = torch.exp(-2 * total.abs())
        return total.sign() * (1 - small) / (1 + small)


def run(cell, xs: Tensor, h: Tensor | None = None) -> tuple[Tensor, Tensor]:
    states = []
    for x in xs:
        h = cell(x, h)
        states.append(h)
    if not states:
        return h.new_zeros((0, *h.shape)), h
    return torch.stack(states), h
