"""passes padding and stride to nn.Conv2d in the wrong order

The fourth argument of nn.Conv2d is the stride and the fifth the padding. For a 3 x 3 kernel with stride 1 both are 1,
so nobody notices; other sizes go wrong.

Hint: Try kernel_size=5, and stride=2. Arguments that are passed by name cannot change places.
"""

from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, kernel_size // 2, stride, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))
