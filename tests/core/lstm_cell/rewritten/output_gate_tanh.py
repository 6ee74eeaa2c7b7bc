import torch
import torch.nn.functional as F
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        self.bias_ih = nn.Parameter(torch.zeros(4 * hidden_size)) if bias else None
        self.bias_hh = nn.Parameter(torch.zeros(4 * hidden_size)) if bias else None
        nn.init.xavier_uniform_(self.weight_ih)
        nn.init.orthogonal_(self.weight_hh)

    def forward(self, x, state=None):
        hidden = self.weight_hh.shape[1]
        if state is None:
            zeros = torch.zeros(x.size(0), hidden, dtype=x.dtype, device=x.device)
            state = (zeros, zeros.clone())
        h, c = state
        gates = F.linear(x, self.weight_ih, self.bias_ih) + F.linear(h, self.weight_hh, self.bias_hh)
        gates = gates.view(-1, 4, hidden)
        i, f = torch.sigmoid(gates[:, :2]).unbind(1)
        g, o = torch.tanh(gates[:, 2:]).unbind(1)
        c = f * c + i * g
        h = o * torch.tanh(c)
        return h, c
