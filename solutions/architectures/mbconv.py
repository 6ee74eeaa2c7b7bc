"""MBConv and compound scaling: EfficientNet's block, and the rule by which one number makes a larger network of it.

The block is the inverted residual of MobileNetV2 with three changes: SiLU instead of ReLU6, depthwise kernels of 3x3 or
5x5, and a squeeze-and-excitation step, which scales each channel by a gate, before the projection.

Formula (Tan and Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", arXiv 1905.11946,
section 4), with hidden = in_channels * expand_ratio, k = kernel_size and SiLU(a) = a * sigmoid(a):

    a = SiLU(expand_bn(expand(x)))              1x1, in_channels -> hidden; left out for expand_ratio 1: a = x
    b = SiLU(depthwise_bn(depthwise(a)))        k x k, one kernel per channel, with the stride
    z = mean of b over all positions            (N, hidden)
    s = sigmoid(se_expand(SiLU(se_reduce(z))))  (N, hidden): one gate per channel and image
    c = project_bn(project(b * s))              1x1, hidden -> out_channels; no activation
    y = x + c  if stride = 1 and in_channels = out_channels,  else  c

Names, which the tests use to load weights; squeeze = max(1, int(in_channels * se_ratio)), of the block's *input*:

    expand, expand_bn           expand.weight (hidden, in_channels, 1, 1)     not there for expand_ratio 1
    depthwise, depthwise_bn     depthwise.weight (hidden, 1, k, k), padding k // 2, k is odd
    se_reduce                   1x1 with bias, weight (squeeze, hidden, 1, 1)
    se_expand                   1x1 with bias, weight (hidden, squeeze, 1, 1)
    project, project_bn         project.weight (out_channels, hidden, 1, 1)

The two 1x1 convolutions of the gates have a bias, the other convolutions have none. A linear layer may stand in for a
1x1 convolution.

Compound scaling (equation 3): depth * alpha**phi, width * beta**phi, resolution * gamma**phi, rounded so:

    scaled_channels     the multiple of `divisor` that is nearest to channels * width, at least `divisor`:
                        n = max(divisor, int(channels * width + divisor / 2) // divisor * divisor)
                        and one `divisor` more where n is less than 0.9 * channels * width
    scaled_repeats      repeats * depth, rounded up: math.ceil(repeats * depth), as floats give it

Worked example: `MBConv(1, 1, expand_ratio=1)` in evaluation mode, with normalisations that change nothing, depthwise
zero except for 1 in the middle, se_reduce with weight and bias 0, se_expand with weight 0 and bias 0, project = [[4]],
and one pixel x = 2:

    a = 2     b = 2 * sigmoid(2) = 1.7616     s = sigmoid(0) = 0.5     c = 4 * 0.8808 = 3.5232     y = 5.5232

    scaled_channels(32, 1.1) = 32: 35.2 lies between 32 and 40, and 32 is nearer and more than 31.68
    scaled_channels(12, 1.0) = 16: 12 lies in the middle, and goes up
    scaled_channels(19, 1.0) = 24: 16 is nearer, but less than 17.1
    scaled_repeats(3, 1.1) = 4, compound_scaling(1) = (1.2, 1.1, 1.15)

There is no dropout and no stochastic depth here. Normalisations have PyTorch's defaults. Any sizes from 1 up, any
memory layout and floating dtype will do. `x` comes back as it was. Gradients flow back by the branch, the gates and the
shortcut, in evaluation, too, and to x where parameters are frozen. A training forward renews each running statistic
once. Nothing is kept between calls or shared by two blocks; making one sets no seed.

Not allowed: everything from `torchvision.models` and `torchvision.ops`. `nn.Conv2d(groups=...)` and `nn.SiLU` are
allowed.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class MBConv(nn.Module):
    """Expand, filter each channel, gate the channels, project; a shortcut where the stride is 1 and channels agree.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: size of the depthwise kernels, odd.
        stride: stride of the depthwise convolution.
        expand_ratio: how many times wider than the input the inside is, at least 1.
        se_ratio: channels of the squeeze, as a share of in_channels. `MBConv(10, 10)` squeezes to int(2.5) = 2.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 3,
        stride: int = 1,
        expand_ratio: int = 6,
        se_ratio: float = 0.25,
    ) -> None:
        """Create the layers."""
        super().__init__()
        # BEGIN SOLUTION
        hidden = in_channels * expand_ratio
        squeeze = max(1, int(in_channels * se_ratio))
        self.expands = expand_ratio != 1
        if self.expands:
            self.expand = nn.Conv2d(in_channels, hidden, kernel_size=1, bias=False)
            self.expand_bn = nn.BatchNorm2d(hidden)
        self.depthwise = nn.Conv2d(
            hidden, hidden, kernel_size, stride=stride, padding=kernel_size // 2, groups=hidden, bias=False
        )
        self.depthwise_bn = nn.BatchNorm2d(hidden)
        self.se_reduce = nn.Conv2d(hidden, squeeze, kernel_size=1)
        self.se_expand = nn.Conv2d(squeeze, hidden, kernel_size=1)
        self.project = nn.Conv2d(hidden, out_channels, kernel_size=1, bias=False)
        self.project_bn = nn.BatchNorm2d(out_channels)
        self.has_shortcut = stride == 1 and in_channels == out_channels
        # END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Return the projection, with x added to it where the stride is 1 and the channels agree.

        Args:
            x: (N, in_channels, H, W). It is left as it was.

        Returns:
            (N, out_channels, ceil(H / stride), ceil(W / stride)).
        """
        # BEGIN SOLUTION
        out = x
        if self.expands:
            out = F.silu(self.expand_bn(self.expand(out)))
        out = F.silu(self.depthwise_bn(self.depthwise(out)))
        squeezed = out.mean(dim=(2, 3), keepdim=True)  # (N, hidden, 1, 1)
        gate = torch.sigmoid(self.se_expand(F.silu(self.se_reduce(squeezed))))
        out = self.project_bn(self.project(out * gate))
        return x + out if self.has_shortcut else out
        # END SOLUTION


def compound_scaling(
    phi: float, alpha: float = 1.2, beta: float = 1.1, gamma: float = 1.15
) -> tuple[float, float, float]:
    """Return the factors of depth, width and resolution for the compound coefficient `phi`.

    phi = 0 is the network as it is; each step of 1 takes about twice the arithmetic.
    """
    # BEGIN SOLUTION
    return alpha**phi, beta**phi, gamma**phi
    # END SOLUTION


def scaled_channels(channels: int, width: float, divisor: int = 8) -> int:
    """Return `channels * width`, rounded to the nearest multiple of `divisor`, but to no less than 90 % of it."""
    # BEGIN SOLUTION
    exact = channels * width
    rounded = max(divisor, int(exact + divisor / 2) // divisor * divisor)
    if rounded < 0.9 * exact:
        rounded += divisor
    return rounded
    # END SOLUTION


def scaled_repeats(repeats: int, depth: float) -> int:
    """Return `repeats * depth`, rounded up."""
    # BEGIN SOLUTION
    return math.ceil(repeats * depth)
    # END SOLUTION
