"""takes a state of zeros for no state at all

Where the given h and c are all zero, it makes zeros of its own. The numbers are the same, but no gradient reaches the
caller's: a first state that is to be learned, and starts at zero, never learns.

Hint: `torch.zeros(n, hidden, requires_grad=True)` is a state, too. What is its gradient?
"""

import torch
import torch.nn.functional as F
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        k = hidden_size**-0.5
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size).uniform_(-k, k))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size).uniform_(-k, k))
        self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-k, k)) if bias else None
        self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-k, k)) if bias else None

    def forward(self, x, state=None):
        if state is None or not (state[0].any() or state[1].any()):
            state = 2 * (x.new_zeros(x.shape[0], self.hidden_size),)
        h, c = state
        i, f, g, o = (F.linear(x, self.weight_ih, self.bias_ih) + F.linear(h, self.weight_hh, self.bias_hh)).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
