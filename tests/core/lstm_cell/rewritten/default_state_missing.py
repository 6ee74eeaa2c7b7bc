import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        k = hidden_size**-0.5
        for name, width in (("ih", input_size), ("hh", hidden_size)):
            setattr(self, f"weight_{name}", nn.Parameter(torch.empty(4 * hidden_size, width).uniform_(-k, k)))
        for name in ("ih", "hh"):
            b = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-k, k)) if bias else None
            setattr(self, f"bias_{name}", b)

    def forward(self, x, state):
        h, c = state
        z = nn.functional.linear(h, self.weight_hh, self.bias_hh)
        z = nn.functional.linear(x, self.weight_ih, self.bias_ih) + z
        i, f, g, o = (part.squeeze(1) for part in z.unflatten(1, (4, -1)).split(1, dim=1))
        new_c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        new_h = torch.sigmoid(o) * torch.tanh(new_c)
        return new_h, new_c
