"""computes the candidate from the input alone

The hidden state goes into the three gates but not into the candidate; the candidate's rows of weight_hh get no
gradient.

Hint: All four parts have an input term and a recurrent term, the candidate too.
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
        if state is None:
            zeros = torch.zeros(x.shape[0], self.hidden_size, dtype=x.dtype, device=x.device)
            state = (zeros, zeros)
        h, c = state
        from_x = F.linear(x, self.weight_ih, self.bias_ih)
        from_h = F.linear(h, self.weight_hh)
        if self.bias_hh is not None:
            from_x = from_x + self.bias_hh
        xi, xf, xg, xo = from_x.chunk(4, dim=1)
        hi, hf, _, ho = from_h.chunk(4, dim=1)
        i, f, g, o = xi + hi, xf + hf, xg, xo + ho
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        c_new = f * c + i * g
        h_new = o * torch.tanh(c_new)
        return h_new, c_new
