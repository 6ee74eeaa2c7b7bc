"""writes sigmoid out as e^a / (1 + e^a), which overflows for large numbers

For a beyond 709 in float64, and beyond 88 in float32, e^a is infinite, and infinity by infinity is NaN.

Hint: What are numerator and denominator for a = 1000, and what is their quotient?
"""

import math

import torch
import torch.nn.functional as F
from torch import nn


def sigmoid(a):
    return torch.exp(a) / (1 + torch.exp(a))


class MBConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1, expand_ratio=6, se_ratio=0.25):
        super().__init__()
        hidden = in_channels * expand_ratio
        squeeze = max(1, int(in_channels * se_ratio))
        self.expand_ratio = expand_ratio
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

    def gate(self, x):
        squeezed = F.adaptive_avg_pool2d(x, 1)
        return sigmoid(self.se_expand(F.silu(self.se_reduce(squeezed))))

    def forward(self, x):
        out = x
        if self.expand_ratio != 1:
            out = F.silu(self.expand_bn(self.expand(out)))
        out = F.silu(self.depthwise_bn(self.depthwise(out)))
        out = out * self.gate(out)
        out = self.project_bn(self.project(out))
        if self.use_skip:
            return x + out
        return out


def compound_scaling(phi, alpha=1.2, beta=1.1, gamma=1.15):
    return alpha**phi, beta**phi, gamma**phi


def scaled_channels(channels, width, divisor=8):
    exact = channels * width
    n = max(divisor, int(exact + divisor / 2) // divisor * divisor)
    if n < 0.9 * exact:
        n += divisor
    return n


def scaled_repeats(repeats, depth):
    return math.ceil(repeats * depth)
