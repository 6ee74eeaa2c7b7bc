"""drops a fifth of the new maps' values in training

The paper does so on small data sets without augmentation. It is not asked for here, and makes two equal calls
differ in training mode.

Hint: Call the block twice in training mode with the same input. Are the outputs equal, and should they be?
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
        return F.dropout(self.conv(F.relu(self.norm(x))), 0.2, self.training)


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
