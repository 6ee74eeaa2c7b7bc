"""shrinks the maps by average pooling instead of by the stride of a convolution

The shape is right, but pooling averages neighbouring positions, where a stride skips them.

Hint: With stride s the convolution is evaluated at every s-th position and the others are left out. Are you averaging?
"""

from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, padding=kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.pool = nn.AvgPool2d(stride, ceil_mode=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.pool(self.depthwise(x)))
