"""leaves out the pooling

The map stays as large as it was through the whole network.

Costs more: every output and every gradient has another shape.

Hint: What comes after the last ReLU of a block?
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
        return x


def vgg_features(config, in_channels=3):
    blocks = []
    for num_convs, out_channels in config:
        blocks.append(VGGBlock(in_channels, out_channels, num_convs))
        in_channels = out_channels
    return nn.Sequential(*blocks)
