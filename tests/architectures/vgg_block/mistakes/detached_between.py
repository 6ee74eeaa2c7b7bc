"""detaches the maps between the convolutions

Outputs are right. The gradient ends at the last convolution, so the others learn nothing.

Hint: What is the gradient of the first convolution's weight?
"""

import torch
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
            x = torch.relu(conv(x.detach()))
        return nn.functional.max_pool2d(x, 2)


def vgg_features(config, in_channels=3):
    blocks = []
    for num_convs, out_channels in config:
        blocks.append(VGGBlock(in_channels, out_channels, num_convs))
        in_channels = out_channels
    return nn.Sequential(*blocks)
