"""swaps the rows and columns of its kernels

The windows are cut along the width first, so a window's last two axes are (column, row) and meet the kernel's (row,
column). A kernel that is its own mirror image hides it.

Hint: Try a kernel that is zero but for one corner. To which side does the image move?
"""

import torch
import torch.nn.functional as F
from torch import nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        self.size, self.step = kernel_size, stride
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x):
        padded = F.pad(x, [self.size // 2] * 4)
        windows = padded.unfold(3, self.size, self.step).unfold(2, self.size, self.step)
        maps = (windows * self.depthwise.weight[:, 0, None, None]).sum(dim=(-2, -1))
        return self.pointwise(maps)
