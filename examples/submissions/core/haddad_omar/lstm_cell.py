import torch
import torch.nn as nn
import torch.nn.functional as F


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        k = hidden_size ** -0.5
        self.weight_ih = nn.Parameter((2 * torch.rand(4 * hidden_size, input_size) - 1) * k)
        self.weight_hh = nn.Parameter((2 * torch.rand(4 * hidden_size, hidden_size) - 1) * k)
        if bias:
            self.bias_ih = nn.Parameter((2 * torch.rand(4 * hidden_size) - 1) * k)
            self.bias_hh = nn.Parameter((2 * torch.rand(4 * hidden_size) - 1) * k)
        else:
            self.bias_ih = None
            self.bias_hh = None

    def forward(self, x, state=None):
        if state is None:
            h = torch.zeros(x.shape[0], self.hidden_size, dtype=x.dtype, device=x.device)
            c = torch.zeros(x.shape[0], self.hidden_size, dtype=x.dtype, device=x.device)
        else:
            h, c = state
        z = F.linear(x, self.weight_ih, self.bias_ih) + F.linear(h, self.weight_hh, self.bias_hh)
        i, f, g, o = z.chunk(4, 1)
        i = torch.sigmoid(i)
        f = torch.sigmoid(f)
        g = torch.tanh(g)
        o = torch.sigmoid(o)
        c = f * c + i * g
        h = o * torch.tanh(c)
        return h, c
