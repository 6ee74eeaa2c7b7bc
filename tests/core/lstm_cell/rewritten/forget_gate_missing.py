import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.n = hidden_size
        bound = hidden_size**-0.5

        def param(*shape):
            return nn.Parameter((2 * torch.rand(*shape) - 1) * bound)

        self.weight_ih = param(4 * hidden_size, input_size)
        self.weight_hh = param(4 * hidden_size, hidden_size)
        if bias:
            self.bias_ih = param(4 * hidden_size)
            self.bias_hh = param(4 * hidden_size)
        else:
            self.register_parameter("bias_ih", None)
            self.register_parameter("bias_hh", None)

    def part(self, k, x, h):
        rows = slice(k * self.n, (k + 1) * self.n)
        out = x.matmul(self.weight_ih[rows].t()) + h.matmul(self.weight_hh[rows].t())
        if self.bias_ih is not None:
            out = out + self.bias_ih[rows] + self.bias_hh[rows]
        return out

    def forward(self, x, state=None):
        h, c = state if state is not None else (x.new_zeros(len(x), self.n), x.new_zeros(len(x), self.n))
        write = torch.sigmoid(self.part(0, x, h))
        candidate = torch.tanh(self.part(2, x, h))
        show = torch.sigmoid(self.part(3, x, h))
        new_c = torch.addcmul(c, write, candidate)
        return show * torch.tanh(new_c), new_c
