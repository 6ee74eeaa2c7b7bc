"""Inverted residual: wide inside, narrow outside, so that a network for a phone is cheap in memory and in arithmetic.

The bottleneck of ResNet narrows the maps, convolves, and widens them again. This block does it the other way round: a
1x1 convolution widens by `expand_ratio`, a depthwise 3x3 convolution filters each channel by itself, which is cheap
however many there are, and a 1x1 convolution narrows again. The shortcut connects the narrow ends.

Formula (Sandler et al. 2018, "MobileNetV2: Inverted Residuals and Linear Bottlenecks", arXiv 1801.04381, table 1), with
hidden = in_channels * expand_ratio and ReLU6(a) = min(max(a, 0), 6):

    a = ReLU6(expand_bn(expand(x)))             1x1, in_channels -> hidden; left out for expand_ratio 1: a = x
    b = ReLU6(depthwise_bn(depthwise(a)))       3x3, one kernel per channel, with the stride
    c = project_bn(project(b))                  1x1, hidden -> out_channels; linear: no activation
    y = x + c  if stride = 1 and in_channels = out_channels,  else  c

Stride and channels decide about the shortcut, not the shapes that come out: with stride 2, an image of one pixel is as
large as before, and has none. No activation follows c or the sum: on few channels a ReLU would destroy information that
nothing else carries.

Names, which the tests use to load weights. No convolution has a bias:

    expand, expand_bn           expand.weight (hidden, in_channels, 1, 1)     not there for expand_ratio 1
    depthwise, depthwise_bn     depthwise.weight (hidden, 1, 3, 3), padding 1
    project, project_bn         project.weight (out_channels, hidden, 1, 1)

Worked example: `InvertedResidual(1, 1, expand_ratio=2)` in evaluation mode, with normalisations that change nothing and
one pixel x = 4. expand multiplies by 2 and by -1, depthwise by 1 and by 5 (zero except in the middle), project by
-1 and 3:

    a = ReLU6((8, -4)) = (6, 0)     b = ReLU6((6, 0)) = (6, 0)     c = -6 + 0 = -6     y = 4 - 6 = -2

Normalisations have PyTorch's defaults. Any sizes from 1 up, any memory layout and floating dtype will do. `x` comes
back as it was. Gradients flow back by both ways, in evaluation, too, and to x where parameters are frozen. A training
forward renews each running statistic once. Nothing is kept between calls or shared by two blocks; making one sets no
seed.

Not allowed: everything from `torchvision.models` and `torchvision.ops`. `nn.Conv2d(groups=...)` and `nn.ReLU6` are
allowed.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project: with a shortcut where the stride is 1 and the channels agree.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        stride: stride of the depthwise convolution.
        expand_ratio: how many times wider than the input the inside is, at least 1.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1, expand_ratio: int = 6) -> None:
        """Create the layers."""
        super().__init__()
        raise NotImplementedError("inverted_residual: implement InvertedResidual.__init__")

    def forward(self, x: Tensor) -> Tensor:
        """Return the projection, with x added to it where the stride is 1 and the channels agree.

        Args:
            x: (N, in_channels, H, W). It is left as it was.

        Returns:
            (N, out_channels, ceil(H / stride), ceil(W / stride)).
        """
        raise NotImplementedError("inverted_residual: implement InvertedResidual.forward")
