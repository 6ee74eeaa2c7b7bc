"""returns the biases of the last layers, as if all kernels were 0

The order of the branches shows in it, and nothing of the image.
"""

import torch
import torch.nn.functional as F
from torch import nn

class InceptionModule(nn.Module):
    def __init__(self, in_channels, ch1x1, ch3x3_reduce, ch3x3, ch5x5_reduce, ch5x5, pool_proj):
        super().__init__()
        self.conv1x1 = nn.Conv2d(in_channels, ch1x1, 1)
        self.reduce3x3 = nn.Conv2d(in_channels, ch3x3_reduce, 1)
        self.conv3x3 = nn.Conv2d(ch3x3_reduce, ch3x3, 3, padding=1)
        self.reduce5x5 = nn.Conv2d(in_channels, ch5x5_reduce, 1)
        self.conv5x5 = nn.Conv2d(ch5x5_reduce, ch5x5, 5, padding=2)
        self.pool_proj = nn.Conv2d(in_channels, pool_proj, 1)

    def forward(self, x):
        layers = (self.conv1x1, self.conv3x3, self.conv5x5, self.pool_proj)
        bias = torch.cat([layer.bias for layer in layers]).relu()
        return bias[:, None, None].repeat(x.shape[0], 1, *x.shape[2:]) + 0 * x.sum()
