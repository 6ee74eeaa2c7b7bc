"""convolutions as a matrix product over unfolded patches

unfold and one matrix product are a convolution; the weights have the usual shapes and names.
"""

import torch.nn.functional as F
from torch import Tensor, nn


def convolve(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    kernel = weight.shape[-1]
    height, width = ((n + 2 * padding - kernel) // stride + 1 for n in x.shape[-2:])
    patches = F.unfold(x, kernel, padding=padding, stride=stride)
    return (weight.flatten(1) @ patches).unflatten(2, (height, width))


class ResidualBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.stride = stride
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = None
        if stride > 1 or in_channels != out_channels:
            self.shortcut = nn.ModuleList(
                [nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)]
            )

    def forward(self, x: Tensor) -> Tensor:
        s = self.stride
        out = F.relu(self.bn1(convolve(x, self.conv1.weight, stride=s, padding=1)))
        out = self.bn2(convolve(out, self.conv2.weight, stride=1, padding=1))
        if self.shortcut is not None:
            x = self.shortcut[1](convolve(x, self.shortcut[0].weight, stride=s, padding=0))
        return F.relu(out + x)
