"""leaves the branch out for images of one pixel

A 3x3 kernel sees zeros around the pixel, and still multiplies the pixel itself by the weight in its middle.

Hint: What does a padded 3x3 convolution compute on a 1x1 image?
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
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        y = self.shortcut(x)
        if x.shape[-1] * x.shape[-2] > 1:
            y = y + self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y)
