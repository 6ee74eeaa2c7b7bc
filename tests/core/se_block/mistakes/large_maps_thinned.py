"""averages only every other pixel of large maps

The mean of some pixels is not the mean of all, and which pixels count depends on the size of the image.

Hint: Over which positions does the formula take the mean, whatever the size?
"""

import torch
from torch import nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        step = 2 if min(x.shape[2:]) > 14 else 1
        means = x[..., ::step, ::step].mean(dim=(2, 3))
        gate = self.fc2(self.fc1(means).relu()).sigmoid()
        return x * gate[:, :, None, None]
