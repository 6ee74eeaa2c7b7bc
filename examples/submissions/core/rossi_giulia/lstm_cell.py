"""Esercizio 4: LSTM cell."""

import torch
from torch import nn
import torch.nn.functional as F


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        limit = hidden_size ** -0.5
        self.weight_ih = nn.Parameter(nn.init.uniform_(torch.empty(4 * hidden_size, input_size), -limit, limit))
        self.weight_hh = nn.Parameter(nn.init.uniform_(torch.empty(4 * hidden_size, hidden_size), -limit, limit))
        self.bias_ih = self.bias_hh = None
        if bias:
            self.bias_ih = nn.Parameter(nn.init.uniform_(torch.empty(4 * hidden_size), -limit, limit))
            self.bias_hh = nn.Parameter(nn.init.uniform_(torch.empty(4 * hidden_size), -limit, limit))

    def forward(self, x, state=None):
        if state is None:
            h, c = x.new_zeros(2, x.shape[0], self.hidden_size)
        else:
            h, c = state
        gates = F.linear(x, self.weight_ih, self.bias_ih) + F.linear(h, self.weight_hh, self.bias_hh)
        i, f, g, o = gates.chunk(4, dim=-1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c
