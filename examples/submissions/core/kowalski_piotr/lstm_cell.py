import torch
import torch.nn as nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.bias = bias
        r = 1.0 / hidden_size ** 0.5
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size).uniform_(-r, r))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size).uniform_(-r, r))
        if bias:
            self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-r, r))
            self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-r, r))

    def forward(self, x, state=None):
        n = x.shape[0]
        if state is None:
            h = x.new_zeros(n, self.hidden_size)
            c = x.new_zeros(n, self.hidden_size)
        else:
            h, c = state
        # row after row, so that the shapes are easier
        hs, cs = [None] * n, [None] * n
        t = 0
        while t < n:
            z = self.weight_ih @ x[t] + self.weight_hh @ h[t]
            if self.bias:
                z = z + self.bias_ih + self.bias_hh
            i, f, g, o = z.chunk(4)
            new_c = torch.sigmoid(f) * c[t] + torch.sigmoid(i) * torch.tanh(g)
            hs[t], cs[t] = torch.sigmoid(o) * torch.tanh(new_c), new_c
        return torch.stack(hs), torch.stack(cs)
