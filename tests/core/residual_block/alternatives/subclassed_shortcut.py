"""a shortcut class with layers named 0 and 1

A module whose sub-modules are called 0 and 1 has the same names in the state dict as an nn.Sequential.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class Shortcut(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.same_shape = stride == 1 and in_channels == out_channels
        if not self.same_shape:
            self.add_module("0", nn.Conv2d(in_channels, out_channels, 1, stride, bias=False))
            self.add_module("1", nn.BatchNorm2d(out_channels))

    def forward(self, x: Tensor) -> Tensor:
        if self.same_shape:
            return x
        return self.get_submodule("1")(self.get_submodule("0")(x))


class ResidualBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = Shortcut(in_channels, out_channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + self.shortcut(x))
