"""keeps the projection's layers in a plain Python list

The branch is registered, the projection is not: it has no entry in the state dict, is not trained, and does not follow
`.double()` or `.eval()`.

Hint: Print `block.state_dict().keys()` of a block with a projection. How does a module learn of its layers?
"""

import torch.nn.functional as F
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = []
        if stride != 1 or in_channels != out_channels:
            self.shortcut = [
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels),
            ]

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        for layer in self.shortcut:
            x = layer(x)
        return F.relu(out + x)
