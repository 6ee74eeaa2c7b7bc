"""computes each gate with products of its own

The rows of the packed parameters are cut first and each gate has two small products. One packed product and four
small ones are the same sums.
"""

from __future__ import annotations

import torch
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
        if state is None:
            zeros = torch.zeros(x.shape[0], self.hidden_size, dtype=x.dtype, device=x.device)
            state = (zeros, zeros)
        h, c = state

        i = torch.sigmoid(self.gate(0, x, h))
        f = torch.sigmoid(self.gate(1, x, h))
        g = torch.tanh(self.gate(2, x, h))
        o = torch.sigmoid(self.gate(3, x, h))
        c_new = f * c + i * g
        return o * torch.tanh(c_new), c_new

    def gate(self, k: int, x: Tensor, h: Tensor) -> Tensor:
        rows = slice(k * self.hidden_size, (k + 1) * self.hidden_size)
        total = x @ self.weight_ih[rows].T + h @ self.weight_hh[rows].T
        if self.bias_ih is not None:
            total = total + self.bias_ih[rows] + self.bias_hh[rows]
        return total
