"""makes the first block of every network for three channels

`in_channels` is not looked at, so a network for grey images cannot be made.

Hint: Where does `vgg_features` use its second argument?
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
    channels = [3] + [out_channels for _, out_channels in config]
    return nn.Sequential(*[VGGBlock(channels[i], channels[i + 1], config[i][0]) for i in range(len(config))])
