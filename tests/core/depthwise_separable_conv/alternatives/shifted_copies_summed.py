"""sums k * k shifted copies of the padded input, each scaled by one weight per channel

The double sum over the kernel's positions runs as a loop, with strided slices of the padded input; the pointwise step
is a matrix product over the flattened positions.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.kernel_size, self.stride = kernel_size, stride

    def forward(self, x: Tensor) -> Tensor:
        k, s = self.kernel_size, self.stride
        height, width = x.shape[-2:]
        padded = F.pad(x, [k // 2] * 4)
        maps = 0
        for u in range(k):
            for v in range(k):
                scale = self.depthwise.weight[:, 0, u, v].view(1, -1, 1, 1)
                maps = maps + scale * padded[:, :, u : u + height : s, v : v + width : s]
        mix = self.pointwise.weight.flatten(1)
        return (mix @ maps.flatten(2)).unflatten(2, maps.shape[-2:])
