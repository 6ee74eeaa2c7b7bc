import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        b = hidden_size**-0.5
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size).uniform_(-b, b))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size).uniform_(-b, b))
        self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-b, b)) if bias else None
        self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-b, b)) if bias else None

    def forward(self, x, state=None):
        x = x.float()
        if state is None:
            h = c = torch.zeros(x.shape[0], self.hidden_size)
        else:
            h, c = (s.to(torch.float32) for s in state)
        z = torch.einsum("ni,gi->ng", x, self.weight_ih.float()) + torch.einsum("nj,gj->ng", h, self.weight_hh.float())
        if self.bias_ih is not None:
            z = z + self.bias_ih.float() + self.bias_hh.float()
        i, f, g, o = z.chunk(4, dim=1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c
