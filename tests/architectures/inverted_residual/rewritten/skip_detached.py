import torch
from torch import nn


class InvertedResidual(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1, expand_ratio=6):
        super().__init__()
        wide = expand_ratio * in_channels
        self.widen = expand_ratio > 1
        self.same = in_channels == out_channels and stride < 2
        if self.widen:
            self.expand = nn.Conv2d(in_channels, wide, kernel_size=(1, 1), bias=False)
            self.expand_bn = nn.BatchNorm2d(wide)
        self.depthwise = nn.Conv2d(wide, wide, kernel_size=(3, 3), stride=(stride, stride), padding=(1, 1), groups=wide, bias=False)
        self.depthwise_bn = nn.BatchNorm2d(wide)
        self.project = nn.Conv2d(wide, out_channels, kernel_size=(1, 1), bias=False)
        self.project_bn = nn.BatchNorm2d(out_channels)
        self.act = nn.ReLU6()

    def branch(self, y):
        if self.widen:
            y = self.expand(y)
            y = self.expand_bn(y)
            y = self.act(y)
        y = self.depthwise(y)
        y = self.depthwise_bn(y)
        y = self.act(y)
        y = self.project(y)
        return self.project_bn(y)

    def forward(self, x):
        y = self.branch(x)
        return torch.add(y, x.data) if self.same else y
