# LSTM cell, Jonas Müller
#
# f_t = sigmoid(W_f x_t + U_f h_{t-1} + b_f)     (1) forget
# i_t = sigmoid(W_i x_t + U_i h_{t-1} + b_i)     (2) input
# g_t = tanh   (W_g x_t + U_g h_{t-1} + b_g)     (3) candidate
# o_t = sigmoid(W_o x_t + U_o h_{t-1} + b_o)     (4) output

import torch
from torch import nn
from torch.nn import functional as F


class LSTMCell(nn.Module):

    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        self.bias_ih = nn.Parameter(torch.zeros(4 * hidden_size)) if bias else None
        self.bias_hh = nn.Parameter(torch.zeros(4 * hidden_size)) if bias else None
        nn.init.xavier_uniform_(self.weight_ih)
        nn.init.orthogonal_(self.weight_hh)

    def forward(self, x, state=None):
        if state is None:
            null = torch.zeros(len(x), self.hidden_size).to(x)
            state = (null, null)
        h, c = state
        gates = F.linear(x, self.weight_ih, self.bias_ih) + F.linear(h, self.weight_hh, self.bias_hh)
        f, i, g, o = torch.split(gates, self.hidden_size, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        return h, c
