"""keeps the product of both weights until the depthwise weight changes

In evaluation under no_grad both convolutions are made one. When the pointwise weight alone is loaded or trained, the
old product stays in use.

Hint: Change the pointwise weight alone between two evaluations. Does the output change?
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.version, self.kernel = None, None

    def forward(self, x: Tensor) -> Tensor:
        if self.training or torch.is_grad_enabled():
            return self.pointwise(self.depthwise(x))
        version = (self.depthwise.weight.data_ptr(), self.depthwise.weight._version)
        if version != self.version:
            self.version = version
            self.kernel = self.pointwise.weight * self.depthwise.weight.transpose(0, 1)
        return F.conv2d(x, self.kernel, stride=self.depthwise.stride, padding=self.depthwise.padding)
