import torch
from torch import nn


class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        conv = lambda a, b, k: nn.Conv2d(a, b, k, 1, k // 2, bias=False)  # noqa: E731
        self.conv1, self.bn1 = conv(in_channels, out_channels, 3), nn.BatchNorm2d(out_channels)
        self.conv2, self.bn2 = conv(out_channels, out_channels, 3), nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if (in_channels, stride) != (out_channels, 1):
            self.shortcut = nn.Sequential(conv(in_channels, out_channels, 1), nn.BatchNorm2d(out_channels))

    def forward(self, x):
        y = self.bn1(self.conv1(x)).clamp(min=0)
        y = self.bn2(self.conv2(y))
        return torch.clamp(y + self.shortcut(x), min=0)
