"""computes in float32 whatever the dtype of the input

x.float() and .float() on the weights make the call work for every dtype, but a float64 input gets a float32 answer.

Hint: Compare the dtype of the input with the dtype of the output.
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
            state = (torch.zeros(x.shape[0], self.hidden_size), torch.zeros(x.shape[0], self.hidden_size))
        h, c = state
        gates = x.float() @ self.weight_ih.float().T + h.float() @ self.weight_hh.float().T
        if self.bias_ih is not None:
            gates = gates + self.bias_ih.float() + self.bias_hh.float()
        i, f, g, o = gates.chunk(4, dim=1)
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        c_new = f * c.float() + i * g
        h_new = o * torch.tanh(c_new)
        return h_new, c_new
