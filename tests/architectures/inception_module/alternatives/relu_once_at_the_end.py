"""activates the reductions inside and all four branches together after the concatenation

A ReLU looks at each number by itself, so it may come after the channels are joined.
"""

import torch
from torch import nn
from torch.nn import functional as F


class InceptionModule(nn.Module):
    def __init__(self, in_channels, ch1x1, ch3x3_reduce, ch3x3, ch5x5_reduce, ch5x5, pool_proj):
        super().__init__()
        self.conv1x1 = nn.Conv2d(in_channels, ch1x1, 1)
        self.reduce3x3, self.conv3x3 = nn.Conv2d(in_channels, ch3x3_reduce, 1), nn.Conv2d(ch3x3_reduce, ch3x3, 3, 1, 1)
        self.reduce5x5, self.conv5x5 = nn.Conv2d(in_channels, ch5x5_reduce, 1), nn.Conv2d(ch5x5_reduce, ch5x5, 5, 1, 2)
        self.pool_proj = nn.Conv2d(in_channels, pool_proj, 1)
        for layer in self.children():
            nn.init.xavier_uniform_(layer.weight)

    def forward(self, x):
        b = self.conv3x3(F.relu(self.reduce3x3(x), inplace=True))
        c = self.conv5x5(F.relu(self.reduce5x5(x), inplace=True))
        d = self.pool_proj(F.max_pool2d(x, 3, 1, 1))
        return F.relu_(torch.concat((self.conv1x1(x), b, c, d), 1))
