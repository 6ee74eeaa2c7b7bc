"""normalises a batch of one image as in evaluation, also in training

Batch normalisation takes its mean over the positions, too: one image of several pixels has statistics of its own.

Hint: Over which axes does batch normalisation take the mean? For which input is there only one value?
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

    def normalised(self, norm, x):
        training = self.training and len(x) > 1
        return F.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias, training)

    def forward(self, x):
        y = F.relu(self.normalised(self.bn1, self.conv1(x)))
        y = self.normalised(self.bn2, self.conv2(y))
        skip = self.normalised(self.shortcut[1], self.shortcut[0](x)) if len(self.shortcut) else x
        return F.relu(y + skip)
