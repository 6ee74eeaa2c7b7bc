import math

import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        k = 1 / math.sqrt(hidden_size)
        shapes = {"weight_ih": (4 * hidden_size, input_size), "weight_hh": (4 * hidden_size, hidden_size)}
        if bias:
            shapes.update(bias_ih=(4 * hidden_size,), bias_hh=(4 * hidden_size,))
        for name, shape in shapes.items():
            self.register_parameter(name, nn.Parameter(torch.empty(shape).uniform_(-k, k)))
        self.has_bias = bias

    def forward(self, x, state=None):
        if state is None:
            state = x.new_zeros(2, x.shape[0], self.hidden_size)
        h, c = state
        z = x @ self.weight_ih.T + h @ self.weight_hh.T
        if self.has_bias:
            z = z + self.bias_ih + self.bias_hh
        i, f, o, g = torch.tensor_split(z, 4, dim=-1)
        c = c * f.sigmoid() + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c
