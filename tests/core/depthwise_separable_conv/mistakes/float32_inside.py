"""computes in float32, whatever comes in

The output has the dtype of the input again, but only seven of its digits are right.

Hint: Where is a dtype changed? The block has no reason to know which dtype it works in.
"""

import torch.nn.functional as F
from torch import nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        self.stride = stride
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x):
        kernels, mix = self.depthwise.weight.float(), self.pointwise.weight.float()
        maps = F.conv2d(
            x.float(), kernels, stride=self.stride, padding=kernels.shape[-1] // 2, groups=kernels.shape[0]
        )
        return F.conv2d(maps, mix).type_as(x)
