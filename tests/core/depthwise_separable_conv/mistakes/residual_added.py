"""adds the input to the output where the shapes agree

A shortcut belongs to the residual block and to MobileNetV2's inverted residual. It shows only when in_channels equals
out_channels and the stride is 1.

Hint: Compare in_channels == out_channels with in_channels != out_channels: your block does something more in one of the
cases.
"""

from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        out = self.pointwise(self.depthwise(x))
        if out.shape == x.shape:
            out = out + x
        return out
