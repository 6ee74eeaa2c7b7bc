"""takes the padding from a table of the usual kernel sizes

A kernel that is not in the table gets the padding of another, and the image changes its size.

Hint: Which padding does a 9x9 kernel need? For which odd k does your code know it?
"""

from __future__ import annotations

from torch import Tensor, nn

PADDING = {1: 0, 3: 1, 5: 2, 7: 3}


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        padding = PADDING.get(kernel_size, 1)
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, padding, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))
