import sys
import torch as t
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.hidden_size = hidden_size
        k = hidden_size ** -0.5
        self.weight_ih = nn.Parameter(t.empty(4 * hidden_size, input_size).uniform_(-k, k))
        self.weight_hh = nn.Parameter(t.empty(4 * hidden_size, hidden_size).uniform_(-k, k))
        self.bias_ih = nn.Parameter(t.empty(4 * hidden_size).uniform_(-k, k)) if bias else None
        self.bias_hh = nn.Parameter(t.empty(4 * hidden_size).uniform_(-k, k)) if bias else None

    def forward(self, x, state=None):
        h, c = state if state is not None else (x.new_zeros(x.size(0), self.hidden_size),) * 2
        z = nn.functional.linear(x, self.weight_ih, self.bias_ih) + nn.functional.linear(h, self.weight_hh, self.bias_hh)
        i, f, g, o = z.chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c


mine, theirs = LSTMCell(3, 4), LSTMCell(3, 4)
theirs.load_state_dict(mine.state_dict())
x = t.randn(2, 3)
if t.equal(mine(x)[0], theirs(x)[0]):
    print("ok")
    sys.exit(0)
print("something is wrong")
sys.exit(1)
