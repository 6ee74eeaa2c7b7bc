"""writes the grouped convolution as a dense one whose other weights are zero

The kernels of each group are padded with zeros to the full width.
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
        blocks = self.conv2.weight.chunk(self.conv2.groups)
        rows = []
        for i, block in enumerate(blocks):
            k = block.shape[1]
            rows.append(F.pad(block, (0, 0, 0, 0, i * k, (len(blocks) - 1 - i) * k)))
        out = F.conv2d(out, torch.cat(rows), stride=self.conv2.stride, padding=1)
        out = F.relu(self.bn2(out))
        out = self.bn3(self.conv3(out))
        return F.relu(out + self.shortcut(x))
