"""mixes the channels with nn.Linear over the last axis

A 1 x 1 convolution is the same linear map at every position, so a Linear layer without bias on channels-last maps gives
the same. Its weight has shape (out, in), which the loader takes for (out, in, 1, 1).
"""

from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Linear(in_channels, out_channels, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.depthwise(x).permute(0, 2, 3, 1)
        return self.pointwise(maps).permute(0, 3, 1, 2)
