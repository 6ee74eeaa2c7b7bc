"""subsamples and pads with zero channels instead of projecting

This is the paper's option A, a shortcut without parameters. The exercise asks for option B, the projection.

Hint: Options A and B of section 4.1 differ in where new channels come from. Which has weights?
"""

import torch.nn.functional as F
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.stride, self.out_channels = stride, out_channels
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        identity = x[:, : self.out_channels, :: self.stride, :: self.stride]
        missing = self.out_channels - identity.shape[1]
        identity = F.pad(identity, (0, 0, 0, 0, 0, missing))
        return F.relu(out + identity)
