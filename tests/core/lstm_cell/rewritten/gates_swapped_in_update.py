import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        b = hidden_size**-0.5
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size).uniform_(-b, b))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size).uniform_(-b, b))
        self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-b, b)) if bias else 0
        self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-b, b)) if bias else 0

    def forward(self, x, state=None):
        if state is None:
            state = (x.new_zeros(x.size(0), self.hidden_size),) * 2
        h, c = state
        z = x @ self.weight_ih.T + self.bias_ih + h @ self.weight_hh.T + self.bias_hh
        input_gate, forget_gate, candidate, output_gate = z.chunk(4, dim=1)
        keep = torch.sigmoid(input_gate)
        write = torch.sigmoid(forget_gate)
        c = keep * c + write * torch.tanh(candidate)
        h = torch.sigmoid(output_gate) * torch.tanh(c)
        return h, c
