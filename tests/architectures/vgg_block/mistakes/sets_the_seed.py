"""sets the seed when a network is made

Every network begins with the same weights, and whatever the caller draws at random afterwards is the same as well.

Hint: Draw a number at random, make a network, and draw again. What if you do that twice?
"""

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


def vgg_features(config, in_channels=3):
    torch.manual_seed(0)
    blocks = []
    for num_convs, out_channels in config:
        blocks.append(VGGBlock(in_channels, out_channels, num_convs))
        in_channels = out_channels
    return nn.Sequential(*blocks)
