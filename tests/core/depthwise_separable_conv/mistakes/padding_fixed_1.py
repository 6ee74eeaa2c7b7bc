"""pads by one pixel whatever the kernel size

padding=1 keeps height and width for a 3 x 3 kernel only. A 5 x 5 kernel loses two rows and two columns, a 1 x 1 kernel
gains them.

Hint: How many pixels does a k x k kernel overhang at each border? The padding depends on k.
"""

from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, padding=1, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))
