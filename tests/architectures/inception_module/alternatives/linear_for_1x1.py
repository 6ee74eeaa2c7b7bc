"""takes linear layers for the 1x1 convolutions, and writes the result into a tensor of its own

A 1x1 convolution is a linear layer at every pixel.
"""

import torch
from torch import nn


class InceptionModule(nn.Module):
    def __init__(self, in_channels, ch1x1, ch3x3_reduce, ch3x3, ch5x5_reduce, ch5x5, pool_proj):
        super().__init__()
        self.conv1x1 = nn.Linear(in_channels, ch1x1)
        self.reduce3x3 = nn.Linear(in_channels, ch3x3_reduce)
        self.conv3x3 = nn.Conv2d(ch3x3_reduce, ch3x3, 3, padding=1)
        self.reduce5x5 = nn.Linear(in_channels, ch5x5_reduce)
        self.conv5x5 = nn.Conv2d(ch5x5_reduce, ch5x5, 5, padding=2)
        self.pool_proj = nn.Linear(in_channels, pool_proj)
        self.ends = [0, ch1x1, ch1x1 + ch3x3, ch1x1 + ch3x3 + ch5x5, ch1x1 + ch3x3 + ch5x5 + pool_proj]

    @staticmethod
    def pointwise(layer, x):
        return torch.clamp_min(layer(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), 0)

    def forward(self, x):
        out = x.new_empty(x.shape[0], self.ends[-1], *x.shape[2:])
        branches = (
            self.pointwise(self.conv1x1, x),
            torch.relu(self.conv3x3(self.pointwise(self.reduce3x3, x))),
            torch.relu(self.conv5x5(self.pointwise(self.reduce5x5, x))),
            self.pointwise(self.pool_proj, nn.functional.max_pool2d(x, 3, 1, 1)),
        )
        for start, end, branch in zip(self.ends[:-1], self.ends[1:], branches, strict=True):
            out[:, start:end] = branch
        return out
