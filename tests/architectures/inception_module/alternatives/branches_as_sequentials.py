"""builds the branches as Sequentials of the named layers, kept in a plain list

The list is not registered; the layers are, under their own names.
"""

import torch
from torch import nn


class InceptionModule(nn.Module):
    def __init__(self, in_channels, ch1x1, ch3x3_reduce, ch3x3, ch5x5_reduce, ch5x5, pool_proj):
        super().__init__()
        self.pool_proj = nn.Conv2d(in_channels, pool_proj, 1)
        self.conv5x5 = nn.Conv2d(ch5x5_reduce, ch5x5, 5, padding="same")
        self.conv3x3 = nn.Conv2d(ch3x3_reduce, ch3x3, 3, padding="same")
        self.reduce5x5 = nn.Conv2d(in_channels, ch5x5_reduce, 1)
        self.reduce3x3 = nn.Conv2d(in_channels, ch3x3_reduce, 1)
        self.conv1x1 = nn.Conv2d(in_channels, ch1x1, 1)

    def branches(self):
        relu = nn.ReLU()
        return [
            nn.Sequential(self.conv1x1, relu),
            nn.Sequential(self.reduce3x3, relu, self.conv3x3, relu),
            nn.Sequential(self.reduce5x5, relu, self.conv5x5, relu),
            nn.Sequential(nn.MaxPool2d(3, 1, 1), self.pool_proj, relu),
        ]

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches()], dim=-3)
