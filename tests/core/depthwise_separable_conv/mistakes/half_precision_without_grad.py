"""computes in bfloat16 where no gradients are recorded

Under `no_grad` the convolutions run in autocast, so float32 images give a bfloat16 result of three digits.

Hint: Which dtype and how many digits does a float32 image give under `torch.no_grad()`?
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
        with torch.autocast("cpu", torch.bfloat16, enabled=not torch.is_grad_enabled()):
            return self.pointwise(self.depthwise(x))
