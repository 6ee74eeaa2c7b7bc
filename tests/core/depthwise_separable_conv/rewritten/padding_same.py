import torch
from torch import nn


def conv(c_in, c_out, k, **kwargs):
    return nn.Conv2d(c_in, c_out, k, padding="same", bias=False, **kwargs)


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        self.depthwise = conv(in_channels, in_channels, kernel_size, stride=stride, groups=in_channels)
        self.pointwise = conv(in_channels, out_channels, 1)

    def forward(self, x):
        return torch.einsum("mcij,nchw->nmhw", self.pointwise.weight, self.depthwise(x))
