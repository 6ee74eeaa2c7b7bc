"""gives the layers their names by hand, in a module that is called convs, and builds the network from named blocks

What counts is the name, not the class that holds the layers.
"""

from collections import OrderedDict

import torch
from torch import nn


class Convs(nn.Module):
    def __init__(self, channels):
        super().__init__()
        for index in range(len(channels) - 1):
            setattr(self, str(index), nn.Conv2d(channels[index], channels[index + 1], (3, 3), padding=(1, 1)))

    def forward(self, x):
        for conv in self.children():
            x = conv(x).clamp(min=0)
        return x


class VGGBlock(nn.Module):
    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        self.convs = Convs([in_channels, *(out_channels for _ in range(num_convs))])

    def forward(self, x):
        return torch.max_pool2d(self.convs(x), 2)


def vgg_features(config, in_channels=3):
    blocks = OrderedDict()
    for number, (depth, width) in enumerate(config):
        blocks[str(number)] = VGGBlock(in_channels, width, depth)
        in_channels = width
    return nn.Sequential(blocks)
