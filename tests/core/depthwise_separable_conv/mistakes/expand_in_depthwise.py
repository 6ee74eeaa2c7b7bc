"""changes the number of channels in the depthwise step already

The depthwise convolution maps in_channels to out_channels (a channel multiplier) and the pointwise one out_channels to
out_channels. That has more weights, and cannot even be built unless out_channels is a multiple of in_channels.

Hint: One kernel per input channel: how many channels leave the depthwise step? Which step brings their number to
out_channels?
"""

from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, out_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(out_channels, out_channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))
