"""detaches the depthwise maps from the graph before mixing them

The output is right, but no gradient passes the pointwise step: the depthwise kernels never learn, and neither does any
layer before this block.

Hint: After a backward pass, look at depthwise.weight.grad. Which operation in your forward cuts the graph?
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
        maps = self.depthwise(x).detach()
        return self.pointwise(maps)
