import torch
from torch import nn


class ResNeXtBlock(nn.Module):
    def __init__(self, in_channels, out_channels, cardinality=32, group_width=4, stride=1):
        super().__init__()
        mid = group_width * cardinality
        conv = dict(bias=False)
        self.conv1, self.bn1 = nn.Conv2d(in_channels, mid, (1, 1), **conv), nn.BatchNorm2d(mid)
        grouped = nn.Conv2d(mid, mid, (3, 3), stride=(stride, stride), padding="same" if stride == 1 else 1, groups=cardinality, **conv)
        self.conv2, self.bn2 = grouped, nn.BatchNorm2d(mid)
        self.conv3, self.bn3 = nn.Conv2d(mid, out_channels, (1, 1), **conv), nn.BatchNorm2d(out_channels)
        layers = []
        if in_channels != out_channels or stride > 1:
            layers.append(nn.Conv2d(in_channels, out_channels, (1, 1), stride=stride, **conv))
            layers.append(nn.BatchNorm2d(out_channels))
        self.shortcut = nn.Sequential(*layers)
        self.act = nn.ReLU()

    def forward(self, x):
        a = self.act(self.bn1(self.conv1(x)))
        b = self.act(self.bn2(self.conv2(a)))
        c = self.bn3(self.conv3(b))
        return self.act(c)
