"""normalises with batch statistics in evaluation, too

An image's output depends on the others in the batch, and running statistics are never used. Training is right,
evaluation is not.

Hint: Training agrees, evaluation does not. Which statistics should batch normalisation use after `eval()`?
"""

import torch.nn.functional as F
from torch import Tensor, nn


def normalise(x: Tensor, bn: nn.BatchNorm2d) -> Tensor:
    return F.batch_norm(x, bn.running_mean, bn.running_var, bn.weight, bn.bias, training=True)


class ResidualBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(normalise(self.conv1(x), self.bn1))
        out = normalise(self.conv2(out), self.bn2)
        identity = x
        if len(self.shortcut) > 0:
            identity = normalise(self.shortcut[0](x), self.shortcut[1])
        return F.relu(out + identity)
