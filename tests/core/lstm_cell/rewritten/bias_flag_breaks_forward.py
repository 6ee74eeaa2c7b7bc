import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        k = hidden_size**-0.5
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size).uniform_(-k, k))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size).uniform_(-k, k))
        if bias:
            self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-k, k))
            self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-k, k))

    def forward(self, x, state=None):
        if state is None:
            state = [torch.zeros_like(x[:, :1]).expand(-1, self.hidden_size) for _ in range(2)]
        h, c = state
        i, f, g, o = [
            x @ w.T + b + h @ u.T + d
            for w, u, b, d in zip(
                self.weight_ih.chunk(4), self.weight_hh.chunk(4), self.bias_ih.chunk(4), self.bias_hh.chunk(4)
            )
        ]
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c
