"""writes the sigmoid by hand

Seen in class.
"""

import torch
from torch import nn


class Gate(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.fc = nn.Linear(size, size)

    def forward(self, x):
        return x / (1 + torch.exp(-x @ self.fc.weight.T - self.fc.bias))
