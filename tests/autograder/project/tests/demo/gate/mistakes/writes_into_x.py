"""writes the product into the caller's tensor

Seen in class.

Hint: Look at forward once more.
"""

import torch
from torch import nn


class Gate(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.fc = nn.Linear(size, size)

    def forward(self, x):
        gate = torch.sigmoid(self.fc(x.clone()))
        return x.mul_(gate)
