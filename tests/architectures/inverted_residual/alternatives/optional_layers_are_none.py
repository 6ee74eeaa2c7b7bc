"""has None in the place of layers that are not there, and pads by hand

None is no parameter and does not show in the state dict.
"""

import torch.nn.functional as F
from torch import nn


class InvertedResidual(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1, expand_ratio=6):
        super().__init__()
        self.stride, self.expand_ratio = stride, expand_ratio
        self.use_skip = stride == 1 and in_channels == out_channels
        hidden = in_channels * expand_ratio
        self.expand = self.expand_bn = None
        if expand_ratio > 1:
            self.expand = nn.Conv2d(in_channels, hidden, 1, bias=False)
            self.expand_bn = nn.BatchNorm2d(hidden)
        self.depthwise = nn.Conv2d(hidden, hidden, 3, stride, groups=hidden, bias=False)
        self.depthwise_bn = nn.BatchNorm2d(hidden)
        self.project = nn.Conv2d(hidden, out_channels, 1, bias=False)
        self.project_bn = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        out = x
        if self.expand is not None:
            out = F.relu6(self.expand_bn(self.expand(out)))
        out = F.relu6(self.depthwise_bn(self.depthwise(F.pad(out, [1] * 4))))
        out = self.project_bn(self.project(out))
        if self.use_skip:
            return out + x
        return out
