"""folds each batch norm into its convolution, anew with every evaluation

In evaluation mode a batch norm is an affine map with constants, so a convolution with other weights does both.
"""

import torch
import torch.nn.functional as F
from torch import nn


def fold(conv: nn.Conv2d, bn: nn.BatchNorm2d) -> tuple[torch.Tensor, torch.Tensor]:
    """Weight and bias of one convolution that does what the two do in evaluation mode."""
    scale = bn.weight / (bn.running_var + bn.eps).sqrt()
    return conv.weight * scale.reshape(-1, 1, 1, 1), bn.bias - bn.running_mean * scale


class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.stride = stride
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            self.shortcut.append(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False))
            self.shortcut.append(nn.BatchNorm2d(out_channels))

    def forward(self, x):
        if self.training:
            residual = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        else:
            inner = F.relu(F.conv2d(x, *fold(self.conv1, self.bn1), self.stride, 1))
            residual = F.conv2d(inner, *fold(self.conv2, self.bn2), 1, 1)
        return F.relu(residual + self.shortcut(x))
