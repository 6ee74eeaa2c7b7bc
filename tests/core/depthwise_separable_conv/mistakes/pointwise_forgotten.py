"""returns the result of the depthwise step and never calls the pointwise convolution

The pointwise convolution is created but not used: the output has in_channels channels, which have never been mixed, and
the pointwise weights get no gradient.

Hint: Follow x through your forward, line by line. Which layer is never called?
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
        return self.depthwise(x)
