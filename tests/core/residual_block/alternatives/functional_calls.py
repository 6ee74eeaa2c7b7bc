"""helper methods, functional calls and tuple arguments

Every layer is called through torch.nn.functional with its own weights and statistics, and each path is a method of its
own.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.stride = (stride, stride)
        self.has_projection = (in_channels, 1) != (out_channels, stride)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        if self.has_projection:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def norm(self, x: Tensor, bn: nn.BatchNorm2d) -> Tensor:
        return F.batch_norm(x, bn.running_mean, bn.running_var, bn.weight, bn.bias, self.training, 0.1, 1e-5)

    def branch(self, x: Tensor) -> Tensor:
        out = F.conv2d(x, self.conv1.weight, stride=self.stride, padding=(1, 1))
        out = F.threshold(self.norm(out, self.bn1), 0, 0)
        return self.norm(F.conv2d(out, self.conv2.weight, padding="same"), self.bn2)

    def skip(self, x: Tensor) -> Tensor:
        if not self.has_projection:
            return x
        return self.norm(F.conv2d(x, self.shortcut[0].weight, stride=self.stride), self.shortcut[1])

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.branch(x) + self.skip(x))
