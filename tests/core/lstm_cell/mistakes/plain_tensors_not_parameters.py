"""keeps its weights as plain tensors instead of parameters

The module does not know them: they are missing from parameters() and from the state dict, so an optimizer trains
nothing and nothing is saved.

Costs more: nothing can be trained, and no weights can be loaded with which the cell could be compared.

Hint: What does list(cell.parameters()) show?
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
        self.weight_ih = torch.empty(4 * hidden_size, input_size).uniform_(-bound, bound).requires_grad_()
        self.weight_hh = torch.empty(4 * hidden_size, hidden_size).uniform_(-bound, bound).requires_grad_()
        self.bias_ih = torch.empty(4 * hidden_size).uniform_(-bound, bound).requires_grad_() if bias else None
        self.bias_hh = torch.empty(4 * hidden_size).uniform_(-bound, bound).requires_grad_() if bias else None

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        if state is None:
            zeros = torch.zeros(x.shape[0], self.hidden_size, dtype=x.dtype, device=x.device)
            state = (zeros, zeros)
        h, c = state
        gates = F.linear(x, self.weight_ih, self.bias_ih) + F.linear(h, self.weight_hh, self.bias_hh)
        i, f, g, o = gates.chunk(4, dim=1)
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        c_new = f * c + i * g
        h_new = o * torch.tanh(c_new)
        return h_new, c_new
