"""leaves the depthwise step out where the kernel has one pixel

A 1x1 kernel looks at no neighbours, but it still scales each channel by its own weight.

Hint: With kernel_size=1 there is one weight per channel. What does the formula do with it?
"""

from torch import nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        self.small = kernel_size == 1
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x):
        if self.small:
            step = self.depthwise.stride[0]
            return self.pointwise(x[:, :, ::step, ::step])
        return self.pointwise(self.depthwise(x))
