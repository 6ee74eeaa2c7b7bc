import torch
from torch import nn
from torch.nn import functional as F


class DepthwiseSeparableConv(nn.Module):
    """A convolution as mathematicians define it."""

    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        self.stride = stride
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x):
        weight = torch.flip(self.depthwise.weight, dims=(2, 3))
        maps = F.conv2d(x, weight, stride=self.stride, padding=weight.shape[2] // 2, groups=len(weight))
        return self.pointwise(maps)
