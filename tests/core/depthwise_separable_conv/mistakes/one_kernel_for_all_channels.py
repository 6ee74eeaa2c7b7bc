"""filters all channels with the kernel of the first one

The channels are folded into the batch and convolved with one kernel. The other kernels are stored but never used, so
they get no gradient and every channel is filtered alike.

Hint: Each channel has its own k x k kernel. Change the weights of the second channel's kernel: does your output change?
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

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        conv = self.depthwise
        maps = F.conv2d(x.reshape(n * c, 1, h, w), conv.weight[:1], stride=conv.stride, padding=conv.padding)
        return self.pointwise(maps.reshape(n, c, maps.shape[-2], maps.shape[-1]))
