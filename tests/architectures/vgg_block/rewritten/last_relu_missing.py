import torch
from torch import nn


class VGGBlock(nn.Module):
    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        self.n = num_convs
        self.convs = nn.ModuleList()
        self.convs.append(nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1))
        while len(self.convs) < num_convs:
            self.convs.append(nn.Conv2d(out_channels, out_channels, kernel_size=3, padding=1))

    def forward(self, x):
        x = self.convs[0](x)
        for i in range(1, self.n):
            x = self.convs[i](torch.relu(x))
        return torch.max_pool2d(x, 2)


def vgg_features(config, in_channels=3):
    out = nn.Sequential()
    last = in_channels
    for n, c in config:
        out.append(VGGBlock(last, c, n))
        last = c
    return out
