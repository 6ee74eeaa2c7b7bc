"""forgets the padding

Without padding a k x k convolution loses k - 1 rows and columns, so the output is smaller than ceil(H / stride) by
ceil(W / stride).

Hint: With stride 1 the output must be as high and as wide as the input. What keeps the border pixels?
"""

from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, stride, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))
