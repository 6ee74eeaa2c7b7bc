"""writes batch normalisation and ReLU6 by their formulas

Mean and variance are those of the batch in training and the running ones in evaluation; ReLU6 is a clamp.
"""

import torch
from torch import nn


def relu6(x):
    return x.clamp(0, 6)


def normalise(norm, x):
    mean, var = norm.running_mean, norm.running_var
    if norm.training:
        mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0)
        count = x.numel() // x.shape[1]
        with torch.no_grad():
            norm.running_mean.mul_(0.9).add_(0.1 * mean)
            norm.running_var.mul_(0.9).add_(0.1 * var * count / (count - 1))
    scale = norm.weight / (var + norm.eps).sqrt()
    return x * scale.view(1, -1, 1, 1) + (norm.bias - mean * scale).view(1, -1, 1, 1)


class InvertedResidual(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1, expand_ratio=6):
        super().__init__()
        self.stride, self.expand_ratio = stride, expand_ratio
        self.use_skip = stride == 1 and in_channels == out_channels
        hidden = in_channels * expand_ratio
        if expand_ratio != 1:
            self.expand = nn.Conv2d(in_channels, hidden, 1, bias=False)
            self.expand_bn = nn.BatchNorm2d(hidden)
        self.depthwise = nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False)
        self.depthwise_bn = nn.BatchNorm2d(hidden)
        self.project = nn.Conv2d(hidden, out_channels, 1, bias=False)
        self.project_bn = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        out = x
        if self.expand_ratio != 1:
            out = relu6(normalise(self.expand_bn, self.expand(out)))
        out = relu6(normalise(self.depthwise_bn, self.depthwise(out)))
        out = normalise(self.project_bn, self.project(out))
        if self.use_skip:
            return x + out
        return out
