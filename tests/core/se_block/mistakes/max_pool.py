"""squeezes with the maximum where the formula has the mean

Each channel is summarised by its largest value. One bright pixel decides, and only that pixel gets a gradient through
the gate.

Hint: Equation 2 is a sum over all positions divided by their number.
"""

import torch
from torch import Tensor, nn


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)
        self.pool = nn.AdaptiveMaxPool2d(1)

    def forward(self, x: Tensor) -> Tensor:
        b, c, _, _ = x.shape
        z = self.pool(x).view(b, c)
        gate = torch.sigmoid(self.fc2(torch.relu(self.fc1(z))))
        return x * gate.view(b, c, 1, 1)
