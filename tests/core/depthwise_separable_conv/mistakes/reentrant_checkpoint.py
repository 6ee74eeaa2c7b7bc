"""wraps its training pass into a reentrant checkpoint

Where the input needs no gradient, as the images of a data set, a reentrant checkpoint gives none to the parameters
either.

Hint: Put data into the block that needs no gradient, and call backward in training mode. What do the weights get?
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def both(self, x):
        return self.pointwise(self.depthwise(x))

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            return checkpoint(self.both, x, use_reentrant=True)
        return self.both(x)
