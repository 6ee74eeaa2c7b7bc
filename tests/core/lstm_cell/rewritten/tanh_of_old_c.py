import torch
from torch import nn


def sigmoid(z):
    return 0.5 * (1 + torch.tanh(z / 2))


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        s = 1.0 / hidden_size**0.5
        self.weight_ih = nn.Parameter(torch.zeros(4 * hidden_size, input_size).uniform_(-s, s))
        self.weight_hh = nn.Parameter(torch.zeros(4 * hidden_size, hidden_size).uniform_(-s, s))
        if self.bias:
            self.bias_ih = nn.Parameter(torch.zeros(4 * hidden_size).uniform_(-s, s))
            self.bias_hh = nn.Parameter(torch.zeros(4 * hidden_size).uniform_(-s, s))

    def forward(self, x, state=None):
        if state is None:
            h = torch.zeros(x.shape[0], self.hidden_size).to(x)
            c = torch.zeros(x.shape[0], self.hidden_size).to(x)
        else:
            h, c = state
        both = torch.cat([x, h], dim=1)
        weight = torch.cat([self.weight_ih, self.weight_hh], dim=1)
        z = torch.einsum("ni,gi->ng", both, weight)
        if self.bias:
            z = z + (self.bias_ih + self.bias_hh)
        i, f, g, o = z.split(self.hidden_size, dim=1)
        new_h = sigmoid(o) * torch.tanh(c)
        new_c = sigmoid(f) * c + sigmoid(i) * torch.tanh(g)
        return new_h, new_c
