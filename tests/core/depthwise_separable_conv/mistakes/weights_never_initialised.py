"""never fills its weights

torch.empty holds whatever lay in memory: zeros at times, and at times numbers beyond all bounds.

Hint: Which numbers does a new block start from? Where do they come from?
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Weight(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(*shape))


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, stride
        self.depthwise = Weight(in_channels, 1, kernel_size, kernel_size)
        self.pointwise = Weight(out_channels, in_channels, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        d = F.conv2d(x, self.depthwise.weight, None, self.stride, self.kernel_size // 2, groups=x.shape[1])
        return F.conv2d(d, self.pointwise.weight)
