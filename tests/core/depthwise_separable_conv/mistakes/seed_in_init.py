"""sets the seed while it makes its layers

Every block starts with the same weights, and whatever the program draws afterwards is the same each time.

Hint: A seed belongs to the program, once. Who else draws random numbers after a block was made?
"""

import torch
from torch import nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        torch.manual_seed(42)
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, padding=kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))
