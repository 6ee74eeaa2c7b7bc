"""leaves the bias of the pointwise convolution switched on

The depthwise convolution has bias=False, the pointwise one does not, so the block has out_channels parameters too many
and shifts every output channel.

Hint: What does an input of zeros give? nn.Conv2d has a bias unless told otherwise.
"""

from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))
