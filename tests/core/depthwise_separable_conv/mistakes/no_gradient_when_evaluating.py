"""records no graph in evaluation mode

`eval()` says how layers behave, not that nobody wants a gradient: saliency maps, adversarial examples and fine-tuning
with frozen statistics all ask for one.

Hint: Who decides whether gradients are recorded: the block, or whoever calls it?
"""

import torch
from torch import nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        padding = kernel_size // 2
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, padding, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x):
        with torch.set_grad_enabled(self.training and torch.is_grad_enabled()):
            return self.pointwise(self.depthwise(x))
