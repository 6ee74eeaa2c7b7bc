"""sets requires_grad of the caller's input

The caller's images are changed: from then on they gather a gradient of their own with every backward pass.

Hint: Does the weights' gradient need the input to require one? Look at `x.requires_grad` before and after a call.
"""

from torch import nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x):
        if self.training and x.is_leaf:
            x.requires_grad_()
        return self.pointwise(self.depthwise(x))
