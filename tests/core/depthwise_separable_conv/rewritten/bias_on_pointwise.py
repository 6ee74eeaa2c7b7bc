from collections import OrderedDict

from torch import nn


class DepthwiseSeparableConv(nn.Sequential):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        pad = (kernel_size - 1) // 2
        super().__init__(
            OrderedDict(
                depthwise=nn.Conv2d(
                    in_channels,
                    in_channels,
                    kernel_size,
                    stride=stride,
                    padding=pad,
                    groups=in_channels,
                    bias=False,
                ),
                pointwise=nn.Conv2d(in_channels, out_channels, kernel_size=1),
            )
        )
