import torch as t
from torch import nn


class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        def conv(i, o, k, s):
            return nn.Conv2d(i, o, k, s, k // 2, bias=False)
        self.conv1, self.bn1 = conv(in_channels, out_channels, 3, stride), nn.BatchNorm2d(out_channels)
        self.conv2, self.bn2 = conv(out_channels, out_channels, 3, 1), nn.BatchNorm2d(out_channels)
        same = stride == 1 and in_channels == out_channels
        self.shortcut = nn.Sequential() if same else nn.Sequential(conv(in_channels, out_channels, 1, stride), nn.BatchNorm2d(out_channels))

    def forward(self, x):
        f = self.bn2(self.conv2(t.relu(self.bn1(self.conv1(x)))))
        return t.relu(f + self.shortcut(x))
