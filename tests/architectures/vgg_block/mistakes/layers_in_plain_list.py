"""keeps the convolutions in a plain Python list

torch does not look into lists: the block has no parameters, an optimizer would train nothing.

Costs more: no weight can be loaded.

Hint: What does `list(block.parameters())` give?
"""

import torch.nn.functional as F
from torch import nn


class VGGBlock(nn.Module):
    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        self.convs = []
        for _ in range(num_convs):
            self.convs.append(nn.Conv2d(in_channels, out_channels, 3, padding=1))
            in_channels = out_channels

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
