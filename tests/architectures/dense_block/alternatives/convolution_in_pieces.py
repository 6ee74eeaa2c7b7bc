"""normalises and convolves each group of maps by itself and adds the results up

A concatenation followed by a convolution is a sum of convolutions with slices of the weight. Nothing is joined
before the end, and the normalisation is written out.
"""

import torch
import torch.nn.functional as F
from torch import nn


class DenseLayer(nn.Module):
    def __init__(self, channels, growth_rate):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.conv = nn.Conv2d(channels, growth_rate, 3, padding=1, bias=False)

    def forward(self, features):
        """The convolution of a concatenation is a sum of convolutions."""
        out, start = 0, 0
        for maps in features:
            part = slice(start, start + maps.shape[1])
            norm = self.norm
            if self.training:
                mean, var = maps.mean((0, 2, 3)), maps.var((0, 2, 3), unbiased=False)
                n = maps.numel() / maps.shape[1]
                with torch.no_grad():
                    norm.running_mean[part] += norm.momentum * (mean - norm.running_mean[part])
                    norm.running_var[part] += norm.momentum * (var * n / (n - 1) - norm.running_var[part])
            else:
                mean, var = norm.running_mean[part], norm.running_var[part]
            scale = norm.weight[part] / torch.sqrt(var + norm.eps)
            shift = norm.bias[part] - mean * scale
            seen = F.relu(maps * scale[:, None, None] + shift[:, None, None])
            out = out + F.conv2d(seen, self.conv.weight[:, part], padding=1)
            start = part.stop
        return out


class DenseBlock(nn.Module):
    def __init__(self, in_channels, growth_rate, num_layers):
        super().__init__()
        self.layers = nn.ModuleList(
            [DenseLayer(in_channels + i * growth_rate, growth_rate) for i in range(num_layers)]
        )

    def forward(self, x):
        features = [x]
        for layer in self.layers:
            features.append(layer(features))
        return torch.cat(features, dim=1)
