"""stores the depthwise maps in the caller's input tensor

With stride 1 the maps have the shape of x, and the loop saves memory by overwriting x channel by channel. The output is
right, but the caller's tensor is destroyed.

Hint: Print x before and after calling your block. Where do the filtered channels go?
"""

import torch.nn.functional as F
from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        conv = self.depthwise
        if conv.stride != (1, 1):
            return self.pointwise(conv(x))
        for c in range(x.shape[1]):
            x[:, c : c + 1] = F.conv2d(x[:, c : c + 1].clone(), conv.weight[c : c + 1], padding=conv.padding)
        return self.pointwise(x)
