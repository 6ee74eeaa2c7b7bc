import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.H = hidden_size
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size)) if bias else None
        self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size)) if bias else None
        for p in self.parameters():
            nn.init.constant_(p, 0.0)

    def forward(self, x, state=None):
        h, c = (x.new_zeros(len(x), self.H), x.new_zeros(len(x), self.H)) if state is None else state
        z = x @ self.weight_ih.T + h @ self.weight_hh.T
        for b in (self.bias_ih, self.bias_hh):
            z = z if b is None else z + b
        s, t = torch.sigmoid(z), torch.tanh(z)
        H = self.H
        c = s[:, H : 2 * H] * c + s[:, :H] * t[:, 2 * H : 3 * H]
        return s[:, 3 * H :] * torch.tanh(c), c
