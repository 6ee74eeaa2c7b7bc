"""calls the functional forms with the parameters of layers that are kept in dictionaries

The names are the same, the start values are others, which is free, and the border is padded by hand.
"""

import torch
import torch.nn.functional as F
from torch import nn


class DenseBlock(nn.Module):
    def __init__(self, in_channels, growth_rate, num_layers):
        super().__init__()
        self.layers = nn.ModuleDict()
        for i in range(num_layers):
            c = in_channels + i * growth_rate
            self.layers[str(i)] = nn.ModuleDict(
                {"norm": nn.BatchNorm2d(c), "conv": nn.Conv2d(c, growth_rate, 3, 1, 1, bias=False)}
            )
            nn.init.kaiming_normal_(self.layers[str(i)]["conv"].weight)

    def forward(self, x):
        maps = (x,)
        for layer in self.layers.values():
            norm, weight = layer["norm"], layer["conv"].weight
            seen = F.batch_norm(
                torch.hstack(maps),
                norm.running_mean,
                norm.running_var,
                norm.weight,
                norm.bias,
                self.training,
                norm.momentum,
                norm.eps,
            )
            maps += (F.conv2d(F.pad(seen.clamp(min=0), (1, 1, 1, 1)), weight),)
        return torch.hstack(maps)
