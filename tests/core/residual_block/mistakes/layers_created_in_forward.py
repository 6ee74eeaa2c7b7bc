"""creates its layers anew in every forward

Each call has fresh random weights: nothing can be loaded or trained, and two calls with the same input differ.

Costs more: the block has no parameters, so none can be set and none would learn.

Hint: A layer's weights must outlive the call. Where do layers belong: in `__init__` or in forward?
"""

import torch.nn.functional as F
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        out = nn.Conv2d(self.in_channels, self.out_channels, 3, stride=self.stride, padding=1, bias=False)(x)
        out = F.relu(nn.BatchNorm2d(self.out_channels)(out))
        out = nn.Conv2d(self.out_channels, self.out_channels, 3, padding=1, bias=False)(out)
        out = nn.BatchNorm2d(self.out_channels)(out)
        if self.stride != 1 or self.in_channels != self.out_channels:
            x = nn.Conv2d(self.in_channels, self.out_channels, 1, stride=self.stride, bias=False)(x)
            x = nn.BatchNorm2d(self.out_channels)(x)
        return F.relu(out + x)
