import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        for suffix, width in (("ih", input_size), ("hh", hidden_size)):
            layer = nn.Linear(width, 4 * hidden_size)
            setattr(self, "weight_" + suffix, nn.Parameter(layer.weight.detach()))
            setattr(self, "bias_" + suffix, nn.Parameter(layer.bias.detach()))

    def forward(self, x, state=None):
        h, c = state or (x.new_zeros(x.size(0), self.hidden_size), x.new_zeros(x.size(0), self.hidden_size))
        z = torch.addmm(self.bias_ih, x, self.weight_ih.T) + torch.addmm(self.bias_hh, h, self.weight_hh.T)
        i, f, g, o = z.chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
