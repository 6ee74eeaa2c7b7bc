"""writes the pooling out as the largest of nine shifted copies, padded with minus infinity, and the kernels as patches

The same numbers by hand.
"""

import torch
import torch.nn.functional as F
from torch import nn


class ConvReLU(nn.Conv2d):
    def forward(self, x):
        k = self.kernel_size[0]
        patches = F.unfold(x, k, padding=k // 2)
        out = torch.einsum("ok,nkp->nop", self.weight.flatten(1), patches) + self.bias[:, None]
        return out.clamp(min=0).unflatten(2, x.shape[2:])


class InceptionModule(nn.Module):
    def __init__(self, in_channels, ch1x1, ch3x3_reduce, ch3x3, ch5x5_reduce, ch5x5, pool_proj):
        super().__init__()
        self.conv1x1 = ConvReLU(in_channels, ch1x1, 1)
        self.reduce3x3 = ConvReLU(in_channels, ch3x3_reduce, 1)
        self.conv3x3 = ConvReLU(ch3x3_reduce, ch3x3, 3)
        self.reduce5x5 = ConvReLU(in_channels, ch5x5_reduce, 1)
        self.conv5x5 = ConvReLU(ch5x5_reduce, ch5x5, 5)
        self.pool_proj = ConvReLU(in_channels, pool_proj, 1)

    def forward(self, x):
        height, width = x.shape[2:]
        padded = F.pad(x, (1, 1, 1, 1), value=float("-inf"))
        shifts = [padded[:, :, i : i + height, j : j + width] for i in range(3) for j in range(3)]
        largest = torch.stack(shifts).max(dim=0).values
        branches = [self.conv1x1(x), self.conv3x3(self.reduce3x3(x)), self.conv5x5(self.reduce5x5(x))]
        return torch.cat([*branches, self.pool_proj(largest)], 1)
