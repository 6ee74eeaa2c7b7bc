"""leaves out the terms of a zero state instead of making zeros

Without a state the recurrent product is only its bias, and f * c is zero. weight_hh still belongs to the module; its
gradient is missing or zero, which is the same.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class LSTMCell(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        bound = hidden_size**-0.5
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size).uniform_(-bound, bound))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size).uniform_(-bound, bound))
        if bias:
            self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-bound, bound))
            self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-bound, bound))
        else:
            self.bias_ih = self.bias_hh = None

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        gates = F.linear(x, self.weight_ih, self.bias_ih)
        if state is not None:
            gates = gates + state[0] @ self.weight_hh.T
        if self.bias_hh is not None:
            gates = gates + self.bias_hh
        i, f, g, o = gates.chunk(4, dim=1)
        c_new = i.sigmoid() * g.tanh()
        if state is not None:
            c_new = c_new + f.sigmoid() * state[1]
        return o.sigmoid() * c_new.tanh(), c_new
