import torch
import torch.nn.functional as F
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        if bias:
            self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size))
            self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size))
        else:
            self.bias_ih = self.bias_hh = None
        self.reset_parameters()

    def reset_parameters(self):
        for p in self.parameters():
            nn.init.uniform_(p, -(self.hidden_size**-0.5), self.hidden_size**-0.5)

    def forward(self, x, state=None):
        h, c = self.start(x) if state is None else state
        memory = c.new_empty(c.shape)
        memory.data.copy_(c)  # do not touch the caller's tensor
        pre = F.linear(x, self.weight_ih, self.bias_ih) + F.linear(h, self.weight_hh, self.bias_hh)
        pre_i, pre_f, pre_g, pre_o = pre.chunk(4, 1)
        kept = F.sigmoid(pre_f) * memory
        written = F.sigmoid(pre_i) * F.tanh(pre_g)
        c = kept + written
        return F.sigmoid(pre_o) * F.tanh(c), c

    def start(self, x):
        return torch.zeros(2, len(x), self.hidden_size, dtype=x.dtype, device=x.device).unbind()
