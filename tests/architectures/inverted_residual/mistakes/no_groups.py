"""leaves out groups= in the depthwise convolution

It is then an ordinary 3x3 convolution between wide maps, the most expensive layer that one could put there: hidden
times as many weights.

Hint: How many weights does depthwise.weight have, and how many should it have?
"""

import torch.nn.functional as F
from torch import nn


class InvertedResidual(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1, expand_ratio=6):
        super().__init__()
        self.stride, self.expand_ratio = stride, expand_ratio
        self.use_skip = stride == 1 and in_channels == out_channels
        hidden = in_channels * expand_ratio
        if expand_ratio != 1:
            self.expand = nn.Conv2d(in_channels, hidden, 1, bias=False)
            self.expand_bn = nn.BatchNorm2d(hidden)
        self.depthwise = nn.Conv2d(hidden, hidden, 3, stride, 1, bias=False)
        self.depthwise_bn = nn.BatchNorm2d(hidden)
        self.project = nn.Conv2d(hidden, out_channels, 1, bias=False)
        self.project_bn = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        out = x
        if self.expand_ratio != 1:
            out = F.relu6(self.expand_bn(self.expand(out)))
        out = F.relu6(self.depthwise_bn(self.depthwise(out)))
        out = self.project_bn(self.project(out))
        if self.use_skip:
            return x + out
        return out
