"""keeps the layers in a plain Python list

A list of modules is not registered: the layers are missing in parameters() and state_dict(), so they are neither
trained nor saved.

Costs more: no parameter of the block can be loaded, so it is judged with other weights than the reference in every
check of values.

Hint: What does len(list(block.parameters())) say? There is a list that registers what it holds.
"""

import torch
import torch.nn.functional as F
from torch import nn


class DenseLayer(nn.Module):
    def __init__(self, channels, growth_rate):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.conv = nn.Conv2d(channels, growth_rate, 3, padding=1, bias=False)

    def forward(self, x):
        return self.conv(F.relu(self.norm(x)))


class DenseBlock(nn.Module):
    def __init__(self, in_channels, growth_rate, num_layers):
        super().__init__()
        self.layers = [DenseLayer(in_channels + i * growth_rate, growth_rate) for i in range(num_layers)]

    def forward(self, x):
        features = [x]
        for layer in self.layers:
            features.append(layer(torch.cat(features, dim=1)))
        return torch.cat(features, dim=1)
