import math

import torch
from torch import nn
from torch.nn.functional import silu


class MBConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1, expand_ratio=6, se_ratio=0.25):
        super().__init__()
        wide = expand_ratio * in_channels
        narrow = max(int(se_ratio * in_channels), 1)
        self.widen = expand_ratio > 1
        self.same = in_channels == out_channels and stride < 2
        if self.widen:
            self.expand = nn.Conv2d(in_channels, wide, kernel_size=(1, 1), bias=False)
            self.expand_bn = nn.BatchNorm2d(wide)
        self.depthwise = nn.Conv2d(wide, wide, kernel_size, stride=stride, padding=(kernel_size - 1) // 2, groups=wide, bias=False)
        self.depthwise_bn = nn.BatchNorm2d(wide)
        self.se_reduce = nn.Linear(wide, narrow)
        self.se_expand = nn.Linear(narrow, wide)
        self.project = nn.Conv2d(wide, out_channels, kernel_size=(1, 1), bias=False)
        self.project_bn = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        y = silu(self.expand_bn(self.expand(x))) if self.widen else x
        y = silu(self.depthwise_bn(self.depthwise(y)))
        z = y.mean(dim=[2, 3])
        z = self.se_reduce(z)
        z = silu(z)
        z = self.se_expand(z)
        with torch.no_grad():
            s = z.sigmoid()
        y = y * s.unsqueeze(-1).unsqueeze(-1)
        y = self.project_bn(self.project(y))
        return torch.add(y, x) if self.same else y


def compound_scaling(phi, alpha=1.2, beta=1.1, gamma=1.15):
    return (math.pow(alpha, phi), math.pow(beta, phi), math.pow(gamma, phi))


def scaled_channels(channels, width, divisor=8):
    wanted = width * channels
    result = int((wanted + divisor / 2) // divisor) * divisor
    result = max(result, divisor)
    return result + divisor if result < 0.9 * wanted else result


def scaled_repeats(repeats, depth):
    return int(math.ceil(depth * repeats))
