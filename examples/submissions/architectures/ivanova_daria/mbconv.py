import math

import torch
import torch.nn.functional as F
from torch import nn


class MBConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1, expand_ratio=6, se_ratio=0.25):
        super().__init__()
        hidden = in_channels * expand_ratio
        squeeze = max(1, int(hidden * se_ratio))
        self.use_expand = expand_ratio != 1
        if self.use_expand:
            self.expand = nn.Conv2d(in_channels, hidden, 1, bias=False)
            self.expand_bn = nn.BatchNorm2d(hidden)
        self.depthwise = nn.Conv2d(
            hidden, hidden, kernel_size, stride=stride, padding=kernel_size // 2, groups=hidden, bias=False
        )
        self.depthwise_bn = nn.BatchNorm2d(hidden)
        self.se_reduce = nn.Conv2d(hidden, squeeze, 1)
        self.se_expand = nn.Conv2d(squeeze, hidden, 1)
        self.project = nn.Conv2d(hidden, out_channels, 1, bias=False)
        self.project_bn = nn.BatchNorm2d(out_channels)
        self.skip = stride == 1 and in_channels == out_channels

    def forward(self, x):
        y = x
        if self.use_expand:
            y = F.silu(self.expand_bn(self.expand(y)))
        y = F.silu(self.depthwise_bn(self.depthwise(y)))
        s = F.adaptive_avg_pool2d(y, 1)
        s = torch.sigmoid(self.se_expand(F.silu(self.se_reduce(s))))
        y = self.project_bn(self.project(y * s))
        return x + y if self.skip else y


def compound_scaling(phi, alpha=1.2, beta=1.1, gamma=1.15):
    return alpha**phi, beta**phi, gamma**phi


def scaled_channels(channels, width, divisor=8):
    n = max(divisor, int(channels * width + divisor / 2) // divisor * divisor)
    if n < 0.9 * channels * width:
        n += divisor
    return n


def scaled_repeats(repeats, depth):
    return math.ceil(repeats * depth)
