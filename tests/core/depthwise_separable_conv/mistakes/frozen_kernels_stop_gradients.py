"""records no gradients in the depthwise step where its kernels are frozen

Frozen kernels need no gradient, but what lies before the block does, and its gradient goes through this step.

Hint: Freeze the block and put a layer that learns before it. Which way does its gradient take?
"""

import torch
from torch import nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x):
        learns = self.depthwise.weight.requires_grad
        with torch.set_grad_enabled(learns and torch.is_grad_enabled()):
            filtered = self.depthwise(x)
        return self.pointwise(filtered)
