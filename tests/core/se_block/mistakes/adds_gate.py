"""adds the gate to the channels where the formula multiplies

Every channel is shifted by a constant between 0 and 1. Nothing is turned down, and a later batch normalisation
removes most of the effect.

Hint: Equation 4 is called scaling.
"""

import torch
from torch import Tensor, nn


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x: Tensor) -> Tensor:
        b, c, _, _ = x.shape
        z = x.mean(dim=(2, 3))
        gate = torch.sigmoid(self.fc2(torch.relu(self.fc1(z))))
        return x + gate.view(b, c, 1, 1)
