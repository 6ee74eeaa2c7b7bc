import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size, self.bias = hidden_size, bias
        stdv = 1 / hidden_size**0.5
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size).uniform_(-stdv, stdv))
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size).uniform_(-stdv, stdv))
        if bias:
            self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-stdv, stdv))
            self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-stdv, stdv))

    def forward(self, x, state=None):
        h, c = state or torch.zeros(2, x.shape[0], self.hidden_size)
        pre = torch.matmul(x, self.weight_ih.t()) + torch.matmul(h, self.weight_hh.t())
        if self.bias:
            pre += self.bias_ih
            pre += self.bias_hh
        i, f, g, o = pre.chunk(4, dim=1)
        i, f, o = (1 / (1 + torch.exp(-gate)) for gate in (i, f, o))
        c = f * c + i * torch.tanh(g)
        h = o * torch.tanh(c)
        return (h, c)
