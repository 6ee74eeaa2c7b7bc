"""computes the three 1x1 convolutions on x in one, and cuts the result

Their weights stacked are one convolution.
"""

import torch
import torch.nn.functional as F
from torch import nn


class InceptionModule(nn.Module):
    def __init__(self, in_channels, ch1x1, ch3x3_reduce, ch3x3, ch5x5_reduce, ch5x5, pool_proj):
        super().__init__()
        self.widths = [ch1x1, ch3x3_reduce, ch5x5_reduce]
        self.conv1x1 = nn.Conv2d(in_channels, ch1x1, kernel_size=1)
        self.reduce3x3 = nn.Conv2d(in_channels, ch3x3_reduce, kernel_size=1)
        self.conv3x3 = nn.Conv2d(ch3x3_reduce, ch3x3, kernel_size=3, padding=1)
        self.reduce5x5 = nn.Conv2d(in_channels, ch5x5_reduce, kernel_size=1)
        self.conv5x5 = nn.Conv2d(ch5x5_reduce, ch5x5, kernel_size=5, padding=2)
        self.pool_proj = nn.Conv2d(in_channels, pool_proj, kernel_size=1)

    def forward(self, x):
        layers = (self.conv1x1, self.reduce3x3, self.reduce5x5)
        weight = torch.cat([layer.weight for layer in layers])
        bias = torch.cat([layer.bias for layer in layers])
        a, b, c = F.conv2d(x, weight, bias).relu().split(self.widths, dim=1)
        d = self.pool_proj(F.max_pool2d(x, 3, stride=1, padding=1))
        return torch.cat([a, self.conv3x3(b).relu(), self.conv5x5(c).relu(), d.relu()], dim=1)
