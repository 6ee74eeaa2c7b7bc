"""takes blocks from a cache, so that equal ones are one block

Two blocks with the same numbers share their weights, and so do all networks that are ever made.

Hint: Make two networks, and change a weight of the first. What happens to the second?
"""

from functools import cache

import torch
from torch import nn


class VGGBlock(nn.Module):
    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        widths = [in_channels] + [out_channels] * num_convs
        self.convs = nn.ModuleList([nn.Conv2d(a, b, 3, padding=1) for a, b in zip(widths, widths[1:], strict=False)])

    def forward(self, x):
        for conv in self.convs:
            x = torch.relu(conv(x))
        return nn.functional.max_pool2d(x, 2)


@cache
def block(in_channels, out_channels, num_convs):
    return VGGBlock(in_channels, out_channels, num_convs)


def vgg_features(config, in_channels=3):
    blocks = []
    for num_convs, out_channels in config:
        blocks.append(block(in_channels, out_channels, num_convs))
        in_channels = out_channels
    return nn.Sequential(*blocks)
