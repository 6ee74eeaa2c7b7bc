"""uses the hard sigmoid of MobileNetV3 on the gate

A hard sigmoid is a straight line cut off at 0 and 1. It is close to the sigmoid but not equal, and its gradient is
zero outside [-3, 3].

Hint: Compare the gate's activation with equation 3; the piecewise linear form is from a later paper.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        z = F.adaptive_avg_pool2d(x, 1).flatten(1)
        gate = F.hardsigmoid(self.fc2(self.relu(self.fc1(z))))
        return x * gate[:, :, None, None]
