"""pads with a fixed negative number before pooling

-10 is smaller than all pixels of a usual image. Where all of a window are smaller still, the padding wins.

Hint: Which number is smaller than every number that a pixel can be?
"""

import torch
import torch.nn.functional as F
from torch import nn


class InceptionModule(nn.Module):
    def __init__(self, in_channels, ch1x1, ch3x3_reduce, ch3x3, ch5x5_reduce, ch5x5, pool_proj):
        super().__init__()
        self.conv1x1 = nn.Conv2d(in_channels, ch1x1, 1)
        self.reduce3x3 = nn.Conv2d(in_channels, ch3x3_reduce, 1)
        self.conv3x3 = nn.Conv2d(ch3x3_reduce, ch3x3, 3, padding=1)
        self.reduce5x5 = nn.Conv2d(in_channels, ch5x5_reduce, 1)
        self.conv5x5 = nn.Conv2d(ch5x5_reduce, ch5x5, 5, padding=2)
        self.pool_proj = nn.Conv2d(in_channels, pool_proj, 1)

    def forward(self, x):
        a = F.relu(self.conv1x1(x))
        b = F.relu(self.conv3x3(F.relu(self.reduce3x3(x))))
        c = F.relu(self.conv5x5(F.relu(self.reduce5x5(x))))
        padded = F.pad(x, (1, 1, 1, 1), value=-10.0)
        d = F.relu(self.pool_proj(F.max_pool2d(padded, 3, stride=1)))
        return torch.cat([a, b, c, d], dim=1)
