"""normalises with the unbiased variance

`Tensor.var` divides by n - 1 unless told otherwise. Batch normalisation divides by n when it normalises, and by n - 1
only for the running variance.

Hint: Evaluation agrees, training is off by a factor close to 1. By what does your variance divide?
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def normalise(x: Tensor, bn: nn.BatchNorm2d) -> Tensor:
    mean, var = bn.running_mean, bn.running_var
    if bn.training:
        mean = x.mean(dim=(0, 2, 3))
        var = x.var(dim=(0, 2, 3))
        with torch.no_grad():
            bn.running_mean.lerp_(mean, bn.momentum)
            bn.running_var.lerp_(var, bn.momentum)
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
