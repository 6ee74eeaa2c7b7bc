"""moves the pooling window by one pixel

The windows overlap, and the map loses one row and one column instead of half of them.

Costs more: every output and every gradient has another shape.

Hint: By how many pixels does the window move from one output to the next?
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
        return F.max_pool2d(x, kernel_size=2, stride=1)


def vgg_features(config, in_channels=3):
    blocks = []
    for num_convs, out_channels in config:
        blocks.append(VGGBlock(in_channels, out_channels, num_convs))
        in_channels = out_channels
    return nn.Sequential(*blocks)
