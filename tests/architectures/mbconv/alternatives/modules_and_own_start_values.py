"""uses layers for activations and pooling, in place where nothing else reads

The last normalisation starts at zero, which is free. What is written into is always a fresh tensor.
"""

import math

from torch import nn


class MBConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1, expand_ratio=6, se_ratio=0.25):
        super().__init__()
        hidden = in_channels * expand_ratio
        squeeze = max(1, int(in_channels * se_ratio))
        self.expand_ratio = expand_ratio
        self.act, self.hard = nn.SiLU(inplace=True), nn.Sigmoid()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.use_skip = stride == 1 and in_channels == out_channels
        if expand_ratio != 1:
            self.expand = nn.Conv2d(in_channels, hidden, 1, bias=False)
            self.expand_bn = nn.BatchNorm2d(hidden)
        self.depthwise = nn.Conv2d(hidden, hidden, kernel_size, stride, kernel_size // 2, groups=hidden, bias=False)
        self.depthwise_bn = nn.BatchNorm2d(hidden)
        self.se_reduce = nn.Conv2d(hidden, squeeze, 1)
        self.se_expand = nn.Conv2d(squeeze, hidden, 1)
        self.project = nn.Conv2d(hidden, out_channels, 1, bias=False)
        self.project_bn = nn.BatchNorm2d(out_channels)
        nn.init.zeros_(self.project_bn.weight)

    def gate(self, x):
        squeezed = self.pool(x)
        return self.hard(self.se_expand(self.act(self.se_reduce(squeezed))))

    def forward(self, x):
        out = x
        if self.expand_ratio != 1:
            out = self.act(self.expand_bn(self.expand(out)))
        out = self.act(self.depthwise_bn(self.depthwise(out)))
        out = out * self.gate(out)
        out = self.project_bn(self.project(out))
        if self.use_skip:
            out += x
            return out
        return out


def compound_scaling(phi, alpha=1.2, beta=1.1, gamma=1.15):
    return alpha**phi, beta**phi, gamma**phi


def scaled_channels(channels, width, divisor=8):
    exact = channels * width
    n = math.floor((exact + divisor / 2) / divisor) * divisor
    n = n if n > divisor else divisor
    return n + divisor if n < 0.9 * exact else n


def scaled_repeats(repeats, depth):
    return math.ceil(repeats * depth)
