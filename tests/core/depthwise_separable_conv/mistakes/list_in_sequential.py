"""passes a list of layers to nn.Sequential

nn.Sequential takes the layers themselves, one argument each. A list raises a TypeError in the constructor, so no block
can be built. The lecture's snippet is written so.

Costs more: no block can be made, so nothing runs.

Hint: Read the TypeError that building your block raises. How does nn.Sequential want its layers, and what will their
parameters be called?
"""

from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            [
                nn.Conv2d(
                    in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False
                ),
                nn.Conv2d(in_channels, out_channels, 1, bias=False),
            ]
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)
