"""returns float32, whatever comes in

The result is cast at the end, so that half of the digits of a float64 image are gone, and the next layer refuses it.

Hint: Which dtype do x and all weights have in float64, and which one has your output?
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class MBConv(nn.Module):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 3,
        stride: int = 1,
        expand_ratio: int = 6,
        se_ratio: float = 0.25,
    ) -> None:
        super().__init__()
        hidden = in_channels * expand_ratio
        squeeze = max(1, int(in_channels * se_ratio))
        self.expand_ratio = expand_ratio
        if expand_ratio != 1:
            self.expand = nn.Conv2d(in_channels, hidden, 1, bias=False)
            self.expand_bn = nn.BatchNorm2d(hidden)
        self.depthwise = nn.Conv2d(
            hidden, hidden, kernel_size, stride=stride, padding=kernel_size // 2, groups=hidden, bias=False
        )
        self.depthwise_bn = nn.BatchNorm2d(hidden)
        self.se_reduce = nn.Conv2d(hidden, squeeze, 1)
        self.se_expand = nn.Conv2d(squeeze, hidden, 1)
        self.project = nn.Conv2d(hidden, out_channels, 1, bias=False)
        self.project_bn = nn.BatchNorm2d(out_channels)
        self.residual = stride == 1 and in_channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        a = x
        if self.expand_ratio != 1:
            a = F.silu(self.expand_bn(self.expand(x)))
        b = F.silu(self.depthwise_bn(self.depthwise(a)))
        z = b.mean((2, 3), keepdim=True)
        s = torch.sigmoid(self.se_expand(F.silu(self.se_reduce(z))))
        c = self.project_bn(self.project(b * s))
        return (x + c if self.residual else c).float()

def compound_scaling(phi: float, alpha: float = 1.2, beta: float = 1.1, gamma: float = 1.15) -> tuple[float, float, float]:
    return alpha**phi, beta**phi, gamma**phi


def scaled_channels(channels: int, width: float, divisor: int = 8) -> int:
    wanted = channels * width
    n = max(divisor, int(wanted + divisor / 2) // divisor * divisor)
    if n < 0.9 * wanted:
        n += divisor
    return n


def scaled_repeats(repeats: int, depth: float) -> int:
    return math.ceil(repeats * depth)
