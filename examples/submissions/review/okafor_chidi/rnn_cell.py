import math

import torch
from torch import nn


class RNNCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.input_size, self.hidden_size = input_size, hidden_size
        self.weight_ih = nn.Parameter(torch.empty(hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(hidden_size, hidden_size))
        if bias:
            self.bias_ih = nn.Parameter(torch.empty(hidden_size))
            self.bias_hh = nn.Parameter(torch.empty(hidden_size))
        else:
            self.register_parameter("bias_ih", None)
            self.register_parameter("bias_hh", None)
        k = 1 / math.sqrt(hidden_size)
        for p in self.parameters():
            nn.init.uniform_(p, -k, k)

    def forward(self, x, h=None):
        if h is None:
            h = x.new_zeros(x.size(0), self.hidden_size)
        z = x @ self.weight_ih.T + h @ self.weight_hh
        if self.bias_ih is not None:
            z = z + self.bias_ih + self.bias_hh
        return torch.tanh(z)


def run(cell, xs, h=None):
    states = []
    for x in xs:
        h = cell(x, h)
        states.append(h)
    if not states:
        return torch.empty(0, *h.shape, dtype=h.dtype, device=h.device), h
    return torch.stack(states), h
