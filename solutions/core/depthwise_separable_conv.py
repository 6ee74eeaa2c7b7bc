"""Depthwise separable convolution: filter every channel on its own, then mix the channels with a 1x1 convolution.

An ordinary convolution looks for patterns in space and across channels at the same time. Here the two jobs are
separated, which costs far fewer weights and multiplications.

Formula, for kernel size k, stride s and zero padding k // 2 (no bias):

    depthwise   d[n, c, i, j] = sum over u, v of  K[c, u, v] * x[n, c, s*i + u - k // 2, s*j + v - k // 2]
    pointwise   y[n, m, i, j] = sum over c    of  P[m, c] * d[n, c, i, j]

Names and shapes (the grader loads weights by these names):

    depthwise.weight   (in_channels, 1, k, k)              K, one k x k kernel per input channel
    pointwise.weight   (out_channels, in_channels, 1, 1)   P, which mixes the channels

Number of parameters:

    in_channels * k**2  +  in_channels * out_channels

Count yours: an ordinary k x k convolution from in_channels to in_channels has in_channels**2 * k**2 weights.

Worked example with 2 channels in, 2 out, k = 3. One image has two channels of 3 x 3 pixels; the first is all ones, the
second is zero but for a -5 in its upper left corner. Let K[0] be all ones, K[1] zero but for a 1 in its upper left
corner, and P = [[1, -1], [0, 2]].

    depthwise   d[0] = [[4, 6, 4], [6, 9, 6], [4, 6, 4]]      how many ones the window covers
                d[1] = [[0, 0, 0], [0, -5, 0], [0, 0, 0]]     moved down and to the right by one pixel
    pointwise   y[0] = d[0] - d[1]                            14 in the middle
                y[1] = 2 * d[1]                               -10 in the middle, zero elsewhere

Nothing stands between the two steps and nothing follows them: no activation, no batch normalisation, no bias.
MobileNetV1's block (depthwise, BN, ReLU, pointwise, BN, ReLU) is another exercise.

Any sizes from 1 up (one channel, a 1x1 kernel, which has a weight to apply as well), any memory layout (channels_last,
transposed, a crop) and any floating dtype will do: the output has the dtype that comes in. Gradients flow in
evaluation, too, to x where parameters are frozen, and to parameters where x needs none. What counts is what x and the
parameters hold when the block is called; gradients that are there stay, and so do the requires_grad of x and an output
after the next call. Blocks share no layers, deep copies neither. Making one sets no seed. How you initialise the
weights is up to you, as long as they are finite and not all zero.

Not allowed: anything from ``torchvision.models`` or ``torchvision.ops``. ``nn.Conv2d`` is allowed, with all its
arguments.

Source: F. Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", 2016, arXiv 1610.02357, Section 1.2
(order of the two steps, no non-linearity between them). The formula of the depthwise step and the cost are equations 3
and 5 of A. Howard et al., "MobileNets", 2017, arXiv 1704.04861.
"""

from __future__ import annotations

import torch  # noqa: F401
from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    """A depthwise k x k convolution followed by a pointwise 1x1 convolution.

    Args:
        in_channels: channels of the input; also the number of depthwise kernels.
        out_channels: channels of the output; need not be a multiple of ``in_channels``.
        kernel_size: height and width k of the depthwise kernels in pixels, odd.
        stride: step of the depthwise convolution in pixels, in both directions; the whole block divides height and
            width by it once.

    Example:
        >>> block = DepthwiseSeparableConv(in_channels=3, out_channels=8, kernel_size=3, stride=2)
        >>> sum(p.numel() for p in block.parameters())     # 3 * 9 + 3 * 8
        51
        >>> block(torch.randn(2, 3, 7, 9)).shape
        torch.Size([2, 8, 4, 5])
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        """Create the two convolutions ``depthwise`` and ``pointwise``."""
        super().__init__()
        # BEGIN SOLUTION
        # groups=in_channels gives each kernel exactly one channel to look at.
        self.depthwise = nn.Conv2d(
            in_channels,
            in_channels,
            kernel_size,
            stride=stride,
            padding=kernel_size // 2,
            groups=in_channels,
            bias=False,
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, kernel_size=1, bias=False)
        # END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Filter each channel, then mix the channels.

        Args:
            x: feature maps, shape (N, in_channels, H, W). They are not changed.

        Returns:
            Feature maps, shape (N, out_channels, ceil(H / stride), ceil(W / stride)).
        """
        # BEGIN SOLUTION
        return self.pointwise(self.depthwise(x))
        # END SOLUTION
