import torch
from torch import nn


class VGGBlock(nn.Module):
    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        sizes = [in_channels] + [out_channels] * num_convs
        self.convs = nn.ModuleList([nn.Conv2d(sizes[i], sizes[i + 1], 3, padding=1) for i in range(num_convs)])

    def forward(self, x):
        for conv in self.convs:
            x = conv(x).relu()
        return -torch.max_pool2d(-x, 2, 2)


def vgg_features(config, in_channels=3):
    out = nn.Sequential()
    for n, c in config:
        out.append(VGGBlock(in_channels, c, n))
        in_channels = c
    return out
