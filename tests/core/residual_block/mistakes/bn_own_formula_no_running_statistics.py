"""normalises by its own formula and never updates the running statistics

Outputs and gradients are right in both modes when the statistics are given, but training leaves them at their first
values, so evaluation after training is wrong.

Hint: Where do the mean and variance that evaluation uses come from? Look at running_mean after a training step.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def normalise(x: Tensor, bn: nn.BatchNorm2d) -> Tensor:
    mean, var = bn.running_mean, bn.running_var
    if bn.training:
        mean = x.mean(dim=(0, 2, 3))
        var = x.var(dim=(0, 2, 3), unbiased=False)
    mean, var, weight, bias = (t[None, :, None, None] for t in (mean, var, bn.weight, bn.bias))
    return (x - mean) / torch.sqrt(var + bn.eps) * weight + bias


class ResidualBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(normalise(self.conv1(x), self.bn1))
        out = normalise(self.conv2(out), self.bn2)
        identity = x
        if len(self.shortcut) > 0:
            identity = normalise(self.shortcut[0](x), self.shortcut[1])
        return F.relu(out + identity)
