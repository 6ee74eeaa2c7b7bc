"""holds two bare parameters and calls F.conv2d

Two small modules hold nothing but a weight, so the names in the state dict are the pinned ones; the convolutions are
functional calls.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Weight(nn.Module):
    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(shape))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = Weight(in_channels, 1, kernel_size, kernel_size)
        self.pointwise = Weight(out_channels, in_channels, 1, 1)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        kernels = self.depthwise.weight
        maps = F.conv2d(x, kernels, stride=self.stride, padding=kernels.shape[-1] // 2, groups=x.shape[1])
        return F.conv2d(maps, self.pointwise.weight)
