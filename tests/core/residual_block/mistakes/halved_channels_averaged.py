"""averages pairs of channels where the block halves their number

No projection is made there, so its parameters are missing and nothing learns which channels belong together.

Hint: For which channels and strides is the shortcut without parameters? Is this one of them?
"""

import torch.nn.functional as F
from torch import nn


class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.halves = stride == 1 and in_channels == 2 * out_channels
        self.shortcut = nn.Sequential()
        if not self.halves and (stride, in_channels) != (1, out_channels):
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        skip = x.unflatten(1, (-1, 2)).mean(dim=2) if self.halves else self.shortcut(x)
        return F.relu(y + skip)
