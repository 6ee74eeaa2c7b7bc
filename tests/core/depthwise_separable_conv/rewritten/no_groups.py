import torch
from torch import nn
from torch.nn import functional as F


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        self.k, self.s = kernel_size, stride
        self.pointwise = nn.Linear(in_channels, out_channels, bias=False)
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, bias=False)

    def forward(self, x):
        maps = F.conv2d(x, self.depthwise.weight, stride=self.s, padding=self.k // 2)
        return torch.movedim(self.pointwise(torch.movedim(maps, 1, 3)), 3, 1)
