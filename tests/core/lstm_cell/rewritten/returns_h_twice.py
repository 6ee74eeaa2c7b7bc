import torch
from torch import nn


class Gate:
    def __init__(self, cell, k, activation):
        self.cell, self.k, self.activation = cell, k, activation

    def __call__(self, x, h):
        H = self.cell.hidden_size
        rows = slice(self.k * H, self.k * H + H)
        total = x @ self.cell.weight_ih[rows].T + h @ self.cell.weight_hh[rows].T
        for b in (self.cell.bias_ih, self.cell.bias_hh):
            if b is not None:
                total = total + b[rows]
        return self.activation(total)


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        self.bias_ih = self.bias_hh = None
        if bias:
            self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size))
            self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size))
        for p in self.parameters():
            nn.init.normal_(p, std=0.1)

    def forward(self, x, state=None):
        if state is None:
            state = (torch.zeros(len(x), self.hidden_size).type_as(x),) * 2
        h, c = state
        i, f, o = (Gate(self, k, torch.sigmoid)(x, h) for k in (0, 1, 3))
        g = Gate(self, 2, torch.tanh)(x, h)
        c = f * c + i * g
        h = o * torch.tanh(c)
        return (h,) * 2
