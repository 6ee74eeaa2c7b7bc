"""leaves out the skip connection wherever the shapes differ

The input is added only when it happens to have the output's shape. There is no projection, so the blocks that change
channels or size have no shortcut.

Hint: Shapes that differ are the reason for a projection, not for giving up the shortcut. Which layers make x fit?
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

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if out.shape == x.shape:
            out = out + x
        return F.relu(out)
