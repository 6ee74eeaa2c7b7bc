import torch
import torch.nn as nn

class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        p = kernel_size // 2
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, stride, p, groups=in_channels, bias=False)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x):
        y = self.depthwise(x)
        return self.pointwise(y)
