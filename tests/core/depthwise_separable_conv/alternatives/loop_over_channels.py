"""filters channel by channel in a Python loop

Each channel is convolved with its own kernel, and the maps are joined again: a grouped convolution, spelt out.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        conv = self.depthwise
        maps = []
        for channel, kernel in zip(x.split(1, dim=1), conv.weight.split(1, dim=0), strict=True):
            maps.append(F.conv2d(channel, kernel, stride=conv.stride, padding=conv.padding))
        return self.pointwise(torch.cat(maps, dim=1))
