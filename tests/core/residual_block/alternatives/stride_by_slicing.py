"""convolutions with stride 1, thinned out before normalisation

A convolution with stride s is one with stride 1 of which every s-th row and column is kept. It is cut before batch
normalisation, so the statistics agree, too.
"""

import torch
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.stride = stride
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        s = self.stride
        out = self.conv1(x)[..., ::s, ::s]
        out = torch.relu(self.bn1(out))
        out = self.bn2(self.conv2(out))
        return torch.relu(out + self.shortcut(x[..., ::s, ::s]))
