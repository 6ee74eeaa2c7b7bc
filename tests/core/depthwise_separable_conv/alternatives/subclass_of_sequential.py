"""subclasses nn.Sequential and names the two layers

An ordered dictionary gives the layers of the nn.Sequential the pinned names, and forward is inherited.
"""

from collections import OrderedDict

from torch import nn


class DepthwiseSeparableConv(nn.Sequential):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False
        )
        pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        super().__init__(OrderedDict(depthwise=depthwise, pointwise=pointwise))
