"""switches gradients off in evaluation mode

Evaluation mode says how normalisations compute. A block that is part of a frozen network still hands gradients on.

Hint: Which of `eval()` and `torch.no_grad()` is about gradients?
"""

import math

import torch
import torch.nn.functional as F
from torch import nn


class MBConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1, expand_ratio=6, se_ratio=0.25):
        super().__init__()
        hidden = in_channels * expand_ratio
        squeeze = max(1, int(in_channels * se_ratio))
        self.expands = expand_ratio != 1
        self.adds = stride == 1 and in_channels == out_channels
        if self.expands:
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

    def forward(self, x):
        with torch.set_grad_enabled(self.training and torch.is_grad_enabled()):
            out = F.silu(self.expand_bn(self.expand(x))) if self.expands else x
            out = F.silu(self.depthwise_bn(self.depthwise(out)))
            gates = out.mean((2, 3), keepdim=True)
            gates = torch.sigmoid(self.se_expand(F.silu(self.se_reduce(gates))))
            out = self.project_bn(self.project(out * gates))
            return x + out if self.adds else out


def compound_scaling(phi, alpha=1.2, beta=1.1, gamma=1.15):
    return alpha**phi, beta**phi, gamma**phi


def scaled_channels(channels, width, divisor=8):
    wanted = channels * width
    rounded = max(divisor, int(wanted + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * wanted else rounded


def scaled_repeats(repeats, depth):
    return math.ceil(repeats * depth)
