"""uses linear layers for the 1x1 convolutions, and batch normalisation by its formula

The linear weights (out, in) stand for (out, in, 1, 1); the projection's stride is a slice.
"""

import torch
from torch import nn


class Norm(nn.BatchNorm2d):
    """Batch normalisation by its formula."""

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
            n = x.numel() // x.shape[1]
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(var * n / (n - 1), self.momentum)
        x = (x - mean[:, None, None]) / (var + self.eps)[:, None, None].sqrt()
        return x * self.weight[:, None, None] + self.bias[:, None, None]


def pointwise(linear, x):
    return linear(x.movedim(1, -1)).movedim(-1, 1)


class ResNeXtBlock(nn.Module):
    def __init__(self, in_channels, out_channels, cardinality=32, group_width=4, stride=1):
        super().__init__()
        width = cardinality * group_width
        self.stride = stride
        self.shortcut = nn.ModuleList()
        if stride > 1 or in_channels != out_channels:
            self.shortcut.extend([nn.Linear(in_channels, out_channels, bias=False), Norm(out_channels)])
        self.bn3 = Norm(out_channels)
        self.bn2 = Norm(width)
        self.bn1 = Norm(width)
        self.conv3 = nn.Linear(width, out_channels, bias=False)
        self.conv2 = nn.Conv2d(width, width, (3, 3), (stride, stride), (1, 1), (1, 1), cardinality, False)
        self.conv1 = nn.Linear(in_channels, width, bias=False)

    def forward(self, x):
        y = self.bn1(pointwise(self.conv1, x)).clamp_min(0)
        y = self.bn2(self.conv2(y)).clamp_min(0)
        y = self.bn3(pointwise(self.conv3, y))
        if len(self.shortcut):
            x = self.shortcut[1](pointwise(self.shortcut[0], x[:, :, :: self.stride, :: self.stride]))
        return (x + y).clamp_min(0)
