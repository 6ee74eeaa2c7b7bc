"""takes the groups to the batch axis and convolves by unfold and einsum

The groups do not see one another, so they can be treated as images of their own.
"""

import torch
import torch.nn.functional as F
from torch import nn


class ResNeXtBlock(nn.Module):
    def __init__(self, in_channels, out_channels, cardinality=32, group_width=4, stride=1):
        super().__init__()
        width = cardinality * group_width
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, groups=cardinality, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out_channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        n, _, h, w = out.shape
        g, k = self.conv2.groups, self.conv2.in_channels // self.conv2.groups
        windows = F.unfold(out.reshape(n * g, k, h, w), 3, padding=1, stride=self.conv2.stride)  # (N g, 9 k, L)
        weight = self.conv2.weight.view(g, k, 9 * k)
        out = torch.einsum("gok,ngkl->ngol", weight, windows.view(n, g, 9 * k, -1))
        s = self.conv2.stride[0]
        out = F.relu(self.bn2(out.reshape(n, g * k, -(-h // s), -(-w // s))))
        out = self.bn3(self.conv3(out))
        return F.relu(out + self.shortcut(x))
