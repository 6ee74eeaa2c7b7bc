"""multiplies the two weights to one ordinary kernel and convolves once

Both steps are linear, so they are one convolution with the kernel pointwise[m, c] * depthwise[c, u, v]. Autograd
carries the gradient back to both factors.
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
        kernel = self.pointwise.weight * self.depthwise.weight.transpose(0, 1)
        return F.conv2d(x, kernel, stride=self.depthwise.stride, padding=self.depthwise.padding)
