"""keeps the last row and column of odd maps as windows of their own

`ceil_mode=True` rounds the size up, where VGG rounds it down.

Hint: How many rows come out where 7 go in?
"""

import torch.nn.functional as F
from torch import nn


class VGGBlock(nn.Module):
    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        layers = [nn.Conv2d(in_channels, out_channels, 3, padding=1)]
        for _ in range(num_convs - 1):
            layers.append(nn.Conv2d(out_channels, out_channels, 3, padding=1))
        self.convs = nn.ModuleList(layers)

    def forward(self, x):
        for conv in self.convs:
            x = F.relu(conv(x))
        return F.max_pool2d(x, 2, ceil_mode=True)


def vgg_features(config, in_channels=3):
    blocks = []
    for num_convs, out_channels in config:
        blocks.append(VGGBlock(in_channels, out_channels, num_convs))
        in_channels = out_channels
    return nn.Sequential(*blocks)
