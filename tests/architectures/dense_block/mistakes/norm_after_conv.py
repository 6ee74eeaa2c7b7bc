"""convolves first, then normalises and activates

It is the order of VGG and ResNet. Here each layer normalises what it sees, with its own weights, since every layer
needs the old maps scaled in another way.

Hint: What comes first in a layer, and how many channels does it therefore have?
"""

import torch
import torch.nn.functional as F
from torch import nn


class DenseLayer(nn.Module):
    def __init__(self, channels, growth_rate):
        super().__init__()
        self.norm = nn.BatchNorm2d(growth_rate)
        self.conv = nn.Conv2d(channels, growth_rate, 3, padding=1, bias=False)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)))


class DenseBlock(nn.Module):
    def __init__(self, in_channels, growth_rate, num_layers):
        super().__init__()
        self.layers = nn.ModuleList(
            [DenseLayer(in_channels + i * growth_rate, growth_rate) for i in range(num_layers)]
        )

    def forward(self, x):
        features = [x]
        for layer in self.layers:
            features.append(layer(torch.cat(features, dim=1)))
        return torch.cat(features, dim=1)
