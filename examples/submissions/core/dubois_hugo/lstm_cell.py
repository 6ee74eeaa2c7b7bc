import torch
import torch.nn as nn

class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        b = 1 / hidden_size ** 0.5
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size).uniform_(-b, b))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size).uniform_(-b, b))
        self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-b, b)) if bias else None
        self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-b, b)) if bias else None

    def forward(self, x, state=None):
        if state is None
            h = torch.zeros(x.size(0), self.hidden_size, dtype=x.dtype)
            c = torch.zeros(x.size(0), self.hidden_size, dtype=x.dtype)
        else:
            h, c = state
        z = x @ self.weight_ih.T + h @ self.weight_hh.T
        if self.bias_ih is not None:
            z = z + self.bias_ih + self.bias_hh
        i, f, g, o = z.chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        return h, c
