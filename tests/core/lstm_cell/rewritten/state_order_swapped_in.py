import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        H = hidden_size
        self.weight_ih = nn.Parameter(torch.randn(4 * H, input_size) / H**0.5)
        self.weight_hh = nn.Parameter(torch.randn(4 * H, H) / H**0.5)
        self.use_bias = bias
        if bias:
            self.bias_ih = nn.Parameter(torch.randn(4 * H) / H**0.5)
            self.bias_hh = nn.Parameter(torch.randn(4 * H) / H**0.5)

    def gates(self, x, h):
        w_i, w_f, w_g, w_o = self.weight_ih.chunk(4)
        u_i, u_f, u_g, u_o = self.weight_hh.chunk(4)
        b = (self.bias_ih + self.bias_hh).chunk(4) if self.use_bias else (0, 0, 0, 0)
        i = torch.sigmoid(x @ w_i.T + h @ u_i.T + b[0])
        f = torch.sigmoid(x @ w_f.T + h @ u_f.T + b[1])
        g = torch.tanh(x @ w_g.T + h @ u_g.T + b[2])
        o = torch.sigmoid(x @ w_o.T + h @ u_o.T + b[3])
        return i, f, g, o

    def forward(self, x, state=None):
        if state is None:
            empty = torch.zeros(x.shape[0], self.weight_hh.shape[1], dtype=x.dtype)
            state = empty, empty
        c, h = state
        i, f, g, o = self.gates(x, h)
        c = i * g + f * c
        return o * torch.tanh(c), c
