import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.last = None
        self.hidden_size = hidden_size
        a = hidden_size**-0.5
        uniform = torch.distributions.Uniform(-a, a)
        self.weight_ih = nn.Parameter(uniform.sample((4 * hidden_size, input_size)))
        self.weight_hh = nn.Parameter(uniform.sample((4 * hidden_size, hidden_size)))
        self.bias_ih = nn.Parameter(uniform.sample((4 * hidden_size,))) if bias else None
        self.bias_hh = nn.Parameter(uniform.sample((4 * hidden_size,))) if bias else None

    def forward(self, x, state=None):
        if state is None:
            state = self.last
        if state is None:
            zeros = torch.zeros(x.shape[0], self.hidden_size, dtype=x.dtype, device=x.device)
            state = (zeros, zeros)
        h, c = state
        z = torch.einsum("ni,ki->nk", x, self.weight_ih) + torch.einsum("nj,kj->nk", h, self.weight_hh)
        if self.bias_ih is not None:
            z = z + self.bias_ih + self.bias_hh
        i, f, g, o = torch.split(z, self.hidden_size, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        self.last = (h, c)
        return self.last
