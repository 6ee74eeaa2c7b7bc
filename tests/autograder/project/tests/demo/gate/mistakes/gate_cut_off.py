"""cuts the gate off from its gradient

Seen in class.

Hint: Look at the words once more.
"""

import torch
from torch import nn


class Gate(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.fc = nn.Linear(size, size)

    def forward(self, x):
        return x * torch.sigmoid(self.fc(x)).detach()
