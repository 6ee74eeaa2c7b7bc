"""keeps its layers in a plain Python list

Layers in a list are not registered: they have no entry in the state dict, are not trained, and do not follow
`.double()` or `.eval()`.

Costs more: the block has no parameters, so none can be set and none would learn.

Hint: Print `list(block.parameters())`. How does a module learn of its layers?
"""

import torch.nn.functional as F
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.layers = [
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        ]
        self.projection = []
        if stride != 1 or in_channels != out_channels:
            self.projection = [
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels),
            ]

    def forward(self, x: Tensor) -> Tensor:
        conv1, bn1, conv2, bn2 = self.layers
        out = F.relu(bn1(conv1(x)))
        out = bn2(conv2(out))
        for layer in self.projection:
            x = layer(x)
        return F.relu(out + x)
