"""starts with an orthogonal recurrent matrix and biases of zero

Any start with different rows is welcome; this one keeps the length of gradients at first. The biases are registered as
None where there are none.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class RNNCell(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.weight_ih = nn.Parameter(nn.init.xavier_normal_(torch.empty(hidden_size, input_size)))
        self.weight_hh = nn.Parameter(nn.init.orthogonal_(torch.empty(hidden_size, hidden_size)))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, nn.Parameter(torch.zeros(hidden_size)) if bias else None)

    def forward(self, x: Tensor, h: Tensor | None = None) -> Tensor:
        if h is None:
            h = torch.zeros(x.shape[0], self.hidden_size, dtype=x.dtype, device=x.device)
        return torch.tanh(F.linear(x, self.weight_ih, self.bias_ih) + F.linear(h, self.weight_hh, self.bias_hh))


def run(cell, xs: Tensor, h: Tensor | None = None) -> tuple[Tensor, Tensor]:
    states = []
    for t in range(xs.shape[0]):
        h = cell(xs[t], h)
        states.append(h)
    if len(states) == 0:
        return h.new_zeros(0, *h.shape), h
    return torch.stack(states), h
