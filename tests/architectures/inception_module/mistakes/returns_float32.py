"""returns float32, whatever comes in

The result is cast at the end, so that half of the digits of a float64 image are gone, and the next layer refuses it.

Hint: Which dtype do x and all weights have in float64, and which one has your output?
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class InceptionModule(nn.Module):
    def __init__(
        self,
        in_channels: int,
        ch1x1: int,
        ch3x3_reduce: int,
        ch3x3: int,
        ch5x5_reduce: int,
        ch5x5: int,
        pool_proj: int,
    ) -> None:
        super().__init__()
        self.conv1x1 = nn.Conv2d(in_channels, ch1x1, 1)
        self.reduce3x3 = nn.Conv2d(in_channels, ch3x3_reduce, 1)
        self.conv3x3 = nn.Conv2d(ch3x3_reduce, ch3x3, 3, padding=1)
        self.reduce5x5 = nn.Conv2d(in_channels, ch5x5_reduce, 1)
        self.conv5x5 = nn.Conv2d(ch5x5_reduce, ch5x5, 5, padding=2)
        self.pool_proj = nn.Conv2d(in_channels, pool_proj, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = F.relu(self.conv1x1(x))
        b = F.relu(self.conv3x3(F.relu(self.reduce3x3(x))))
        c = F.relu(self.conv5x5(F.relu(self.reduce5x5(x))))
        d = F.relu(self.pool_proj(F.max_pool2d(x, 3, stride=1, padding=1)))
        return (torch.cat([a, b, c, d], 1)).float()
