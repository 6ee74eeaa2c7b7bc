"""holds weight and bias in a module of its own

Seen in class.
"""

import torch
from torch import nn


class Affine(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(size, size))
        self.bias = nn.Parameter(torch.zeros(size))

    def forward(self, x):
        return torch.einsum("ni,oi->no", x, self.weight) + self.bias


class Gate(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.fc = Affine(size)

    def forward(self, x):
        return x.mul(self.fc(x).sigmoid())
