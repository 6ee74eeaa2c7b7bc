"""computes with two linear layers whose parameters have a second name

The parameters are registered with the cell, too. Once another one takes the place of `weight_ih`, the layer still
computes with the old one.

Hint: Set `cell.weight_ih = nn.Parameter(...)`. Which weight does the next step use?
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class LSTMCell(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.ih = nn.Linear(input_size, 4 * hidden_size, bias)
        self.hh = nn.Linear(hidden_size, 4 * hidden_size, bias)
        self.weight_ih, self.weight_hh = self.ih.weight, self.hh.weight
        if bias:
            self.bias_ih, self.bias_hh = self.ih.bias, self.hh.bias
        bound = 1 / math.sqrt(hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        if state is None:
            h = c = x.new_zeros(x.shape[0], self.hidden_size)
        else:
            h, c = state
        i, f, g, o = (self.ih(x) + self.hh(h)).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
