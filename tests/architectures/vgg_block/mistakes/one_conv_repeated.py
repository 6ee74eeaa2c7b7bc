"""uses the same layer for all convolutions after the first

`[layer] * 2` is a list of the same layer twice: both learn the same weights.

Hint: Is `convs.2` a layer of its own? What does `convs[1] is convs[2]` give?
"""

import torch.nn.functional as F
from torch import nn


class VGGBlock(nn.Module):
    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        first = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        others = [nn.Conv2d(out_channels, out_channels, 3, padding=1)] * (num_convs - 1)
        self.convs = nn.ModuleList([first] + others)

    def forward(self, x):
        for conv in self.convs:
            x = F.relu(conv(x))
        return F.max_pool2d(x, 2)


def vgg_features(config, in_channels=3):
    blocks = []
    for num_convs, out_channels in config:
        blocks.append(VGGBlock(in_channels, out_channels, num_convs))
        in_channels = out_channels
    return nn.Sequential(*blocks)
