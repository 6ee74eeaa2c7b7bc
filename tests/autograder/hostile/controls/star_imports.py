"""Imports with stars, returns a named tuple, and sets what torch has for everybody

Honest: boilerplate of notebooks; the cell is its own
"""
# exercise: lstm_cell
# place: instead

from collections import namedtuple
from math import *  # of all that follows, whatever comes last under a name counts

from numpy import *
from torch import *
from torch.nn import *
from torch.nn.functional import *
from torchvision import *

import numpy as np
import torch
import torch as th
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.nn import Module, Parameter
from torch.utils.data import DataLoader, Dataset

torch.set_float32_matmul_precision("high")
torch.use_deterministic_algorithms(True, warn_only=True)
np.random.seed(1)
State = namedtuple("State", "h c")


class LSTMCell(Module):
    def __init__(self, input_size, hidden_size, bias=True, **_):
        super(LSTMCell, self).__init__()
        bound = hidden_size**-0.5
        sizes = {"weight_ih": (4 * hidden_size, input_size), "weight_hh": (4 * hidden_size, hidden_size)}
        sizes.update(bias_ih=(4 * hidden_size,), bias_hh=(4 * hidden_size,))
        for name, size in sizes.items():
            wanted = bias or name.startswith("weight")
            self.register_parameter(name, Parameter(th.empty(size).uniform_(-bound, bound)) if wanted else None)

    def forward(self, x, state=None):
        if state is None:
            state = (x.new_zeros(len(x), self.weight_hh.shape[1]),) * 2
        h, c = state
        i, f, g, o = (F.linear(x, self.weight_ih, self.bias_ih) + F.linear(h, self.weight_hh, self.bias_hh)).chunk(4, -1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return State(h=o.sigmoid() * c.tanh(), c=c)
