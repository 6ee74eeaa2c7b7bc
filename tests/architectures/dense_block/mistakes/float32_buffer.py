"""writes the maps into a float32 tensor of its own

torch.zeros(...) makes a tensor of the default dtype on the CPU, whatever comes in. In float64 the layers then get
numbers of another dtype than their weights, and raise.

Costs more: most checks compare in float64, where this code only raises.

Hint: Try the block with .double() and a float64 input. Which dtype has the tensor that you create?
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
        self.layers = nn.ModuleList(
            [DenseLayer(in_channels + i * growth_rate, growth_rate) for i in range(num_layers)]
        )

    def forward(self, x):
        n, c, h, w = x.shape
        growth = self.layers[0].conv.out_channels
        out = torch.zeros(n, c + growth * len(self.layers), h, w)
        out[:, :c] = x
        for layer in self.layers:
            new = layer(out[:, :c].clone())
            out[:, c : c + growth] = new
            c += growth
        return out
