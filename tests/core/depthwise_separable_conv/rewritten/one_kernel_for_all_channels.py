import torch
from torch import nn
from torch.nn import functional as F


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        self.stride, self.pad = stride, kernel_size // 2
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x):
        kernel = self.depthwise.weight[:1]
        n, c, h, w = x.shape
        # all channels become images of a batch
        maps = F.conv2d(x.reshape(n * c, 1, h, w), kernel, stride=self.stride, padding=self.pad)
        maps = maps.reshape(n, c, maps.shape[2], maps.shape[3])
        return self.pointwise(maps)
