"""uses linear layers for the 1x1 convolutions

A 1x1 convolution is the same linear map at every pixel; the weight (out, in) stands for (out, in, 1, 1).
"""

import torch.nn.functional as F
from torch import nn


def pixelwise(linear, x):
    return linear(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class InvertedResidual(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1, expand_ratio=6):
        super().__init__()
        self.stride, self.expand_ratio = stride, expand_ratio
        self.use_skip = stride == 1 and in_channels == out_channels
        hidden = in_channels * expand_ratio
        if expand_ratio != 1:
            self.expand = nn.Linear(in_channels, hidden, bias=False)
            self.expand_bn = nn.BatchNorm2d(hidden)
        self.depthwise = nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False)
        self.depthwise_bn = nn.BatchNorm2d(hidden)
        self.project = nn.Linear(hidden, out_channels, bias=False)
        self.project_bn = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        out = x
        if self.expand_ratio != 1:
            out = F.relu6(self.expand_bn(pixelwise(self.expand, out)))
        out = F.relu6(self.depthwise_bn(self.depthwise(out)))
        out = self.project_bn(pixelwise(self.project, out))
        if self.use_skip:
            return x + out
        return out
