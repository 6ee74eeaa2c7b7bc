"""writes convolution and pooling out: patches times kernels, and the largest of four strided views

The same sums in another order.
"""

import torch
import torch.nn.functional as F
from torch import nn


class VGGBlock(nn.Module):
    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        self.convs = nn.ModuleList()
        for number in range(num_convs):
            self.convs.append(nn.Conv2d(out_channels if number else in_channels, out_channels, 3, padding=1))

    def forward(self, x):
        n, _, height, width = x.shape
        for conv in self.convs:
            patches = F.unfold(x, 3, padding=1)
            x = conv.weight.flatten(1) @ patches + conv.bias[:, None]
            x = torch.where(x > 0, x, 0.0).reshape(n, -1, height, width)
        x = x[:, :, : height // 2 * 2, : width // 2 * 2]
        upper = torch.maximum(x[:, :, ::2, ::2], x[:, :, ::2, 1::2])
        return torch.maximum(upper, torch.maximum(x[:, :, 1::2, ::2], x[:, :, 1::2, 1::2]))


def vgg_features(config, in_channels=3):
    blocks = []
    for num_convs, out_channels in config:
        blocks.append(VGGBlock(in_channels, out_channels, num_convs))
        in_channels = out_channels
    return nn.Sequential(*blocks)
