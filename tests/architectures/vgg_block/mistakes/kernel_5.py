"""makes convolutions of 5x5

Two 3x3 convolutions see as much, with 18 instead of 25 weights for each pair of channels. The reference's weights do
not fit.

Costs more: no weight of the reference fits into any block.

Hint: Compare the shape of `convs.0.weight` with that in the stub.
"""

import torch.nn.functional as F
from torch import nn


class VGGBlock(nn.Module):
    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        self.convs = nn.ModuleList()
        for i in range(num_convs):
            self.convs.append(nn.Conv2d(in_channels if i == 0 else out_channels, out_channels, 5, padding=2))

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
