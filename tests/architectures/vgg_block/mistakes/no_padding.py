"""leaves out the padding of the convolutions

Each convolution then takes two rows and two columns away, and a small map is used up before the last block.

Costs more: nearly every question is about an output, and nearly every output has another shape.

Hint: A 3x3 convolution without padding gives fewer rows than it gets. How many are wanted here?
"""

import torch.nn.functional as F
from torch import nn


class VGGBlock(nn.Module):
    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        layers = [nn.Conv2d(in_channels, out_channels, 3)]
        for _ in range(num_convs - 1):
            layers.append(nn.Conv2d(out_channels, out_channels, 3))
        self.convs = nn.ModuleList(layers)

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
