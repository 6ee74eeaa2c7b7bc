"""leaves out groups= in the depthwise convolution

Without groups= it is an ordinary convolution: every kernel looks at all channels, and the layer has in_channels**2 *
k**2 weights instead of in_channels * k**2. The lecture's own snippet has this slip.

Hint: Count the weights of your depthwise convolution and compare with in_channels * k**2. Which argument of nn.Conv2d
decides how many channels one kernel sees?
"""

from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, stride, kernel_size // 2, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))
