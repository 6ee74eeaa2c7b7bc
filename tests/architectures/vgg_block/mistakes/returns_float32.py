"""returns float32, whatever comes in

The result is cast at the end, so that half of the digits of a float64 image are gone, and the next layer refuses it.

Hint: Which dtype do x and all weights have in float64, and which one has your output?
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class VGGBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, num_convs: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList()
        for i in range(num_convs):
            self.convs.append(nn.Conv2d(in_channels if i == 0 else out_channels, out_channels, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        for conv in self.convs:
            x = F.relu(conv(x))
        return (F.max_pool2d(x, 2)).float()


def vgg_features(config: Sequence[tuple[int, int]], in_channels: int = 3) -> nn.Sequential:
    blocks = []
    for num_convs, out_channels in config:
        blocks.append(VGGBlock(in_channels, out_channels, num_convs))
        in_channels = out_channels
    return nn.Sequential(*blocks)
