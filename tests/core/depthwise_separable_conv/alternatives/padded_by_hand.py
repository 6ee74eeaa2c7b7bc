"""pads with F.pad, convolves without padding or stride, then keeps every s-th position

Padding by k // 2 zeros and a plain convolution give the full-size maps; the slice [::s, ::s] is what a stride computes.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        margin = self.depthwise.kernel_size[0] // 2
        maps = self.depthwise(F.pad(x, (margin, margin, margin, margin)))
        return self.pointwise(maps[:, :, :: self.stride, :: self.stride])
