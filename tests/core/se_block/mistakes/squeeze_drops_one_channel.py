"""fails on one channel, because `squeeze()` removes the channel axis, too

The repair for a batch of one takes what is left for the channels: two images of one channel become one image of two.

Hint: `squeeze()` without an axis removes every axis of size 1. Which two are meant?
"""

import torch
import torch.nn.functional as F
from torch import nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        means = F.adaptive_avg_pool2d(x, 1).squeeze()
        if means.dim() < 2:
            means = means.view(1, -1)
        gate = torch.sigmoid(self.fc2(torch.relu(self.fc1(means))))
        return x * gate.view(*gate.shape, 1, 1)
