"""makes every block of a network for the channels of the image

Only the first block gets an image; the others get what the block before gives.

Hint: How many channels does the second block of `vgg_features(((1, 4), (1, 6)))` get?
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
        return F.max_pool2d(x, 2)


def vgg_features(config, in_channels=3):
    return nn.Sequential(*[VGGBlock(in_channels, out_channels, num_convs) for num_convs, out_channels in config])
