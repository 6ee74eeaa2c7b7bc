import torch
import torch.nn.functional as F
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.h = hidden_size
        self.weight_ih = nn.Parameter(torch.rand(4 * hidden_size, input_size) - 0.5)
        self.weight_hh = nn.Parameter(torch.rand(4 * hidden_size, hidden_size) - 0.5)
        self.bias = nn.Parameter(torch.zeros(4 * hidden_size)) if bias else None

    def forward(self, x, state=None):
        if state is None:
            state = (x.new_zeros(x.shape[0], self.h), x.new_zeros(x.shape[0], self.h))
        h, c = state
        z = F.linear(torch.cat((x, h), 1), torch.cat((self.weight_ih, self.weight_hh), 1), self.bias)
        i, f, g, o = z.chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c
