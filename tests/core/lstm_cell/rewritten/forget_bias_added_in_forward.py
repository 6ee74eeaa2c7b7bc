import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        ih = nn.Linear(input_size, 4 * hidden_size, bias=bias)
        hh = nn.Linear(hidden_size, 4 * hidden_size, bias=bias)
        self.weight_ih, self.weight_hh = ih.weight, hh.weight
        self.bias_ih, self.bias_hh = ih.bias, hh.bias

    def forward(self, x, state=None):
        h, c = state if state else (torch.zeros(x.shape[0], self.hidden_size, dtype=x.dtype),) * 2
        z = nn.functional.linear(x, self.weight_ih, self.bias_ih)
        z = z + nn.functional.linear(h, self.weight_hh, self.bias_hh)
        # remember by default
        extra = torch.zeros(4, self.hidden_size, dtype=x.dtype)
        extra[1] = 1.0
        z = z + extra.flatten()
        i, f, g, o = z.reshape(len(x), 4, -1).permute(1, 0, 2)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
