"""leaves the bias of both convolutions switched on

nn.Conv2d has a bias by default. The block then has in_channels + out_channels parameters too many, and an input of
zeros does not give zeros.

Hint: What does an input of zeros give? Compare your number of parameters with the formula.
"""

from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride=stride, padding=kernel_size // 2, groups=in_channels
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))
