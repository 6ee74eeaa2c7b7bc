"""mixes the channels first and filters them afterwards

The 1 x 1 convolution runs first, as in an Inception module, so the depthwise one has out_channels kernels. Alone,
without a stack of such blocks, the two orders give different results.

Hint: Which of the two steps comes first? The number of depthwise kernels tells: one per input channel.
"""

from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.depthwise = nn.Conv2d(
            out_channels, out_channels, kernel_size, stride, kernel_size // 2, groups=out_channels, bias=False
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.depthwise(self.pointwise(x))
