"""ResNeXt block: instead of one wide 3x3 convolution, many narrow ones side by side, bridged by a shortcut.

The block cuts its channels into `cardinality` groups of `group_width` channels each. Every group has a 3x3 convolution
of its own that sees nothing of the others; two 1x1 convolutions around it mix all channels.

Formula (Xie et al. 2016, "Aggregated Residual Transformations for Deep Neural Networks", arXiv 1611.05431, equation 3,
in the form of figure 3c), with width = cardinality * group_width:

    a = relu(bn1(conv1(x)))          1x1, in_channels -> width
    b = relu(bn2(conv2(a)))          3x3 in `cardinality` groups, width -> width, with the stride
    y = relu(bn3(conv3(b)) + shortcut(x))          1x1, width -> out_channels

Names, which the tests use to load weights. No convolution has a bias:

    conv1, bn1       1x1                        conv1.weight (width, in_channels, 1, 1)
    conv2, bn2       3x3, padding 1, stride     conv2.weight (width, group_width, 3, 3)
    conv3, bn3       1x1                        conv3.weight (out_channels, width, 1, 1)
    shortcut.0, shortcut.1     a 1x1 convolution with the stride, and its normalisation: only where the stride is not 1
                               or the channels differ. Elsewhere the shortcut is x itself and has no parameters.

The second number of conv2.weight is group_width, not width: so many channels does each kernel see. That makes
9 * width * group_width weights in place of 9 * width**2.

Worked example: `ResNeXtBlock(2, 2, cardinality=2, group_width=1)` in evaluation mode, with normalisations that change
nothing and one pixel x = (1, 3). conv1 is the identity, conv2 multiplies the channels by 2 and by -1 (the kernels are
zero except in the middle), conv3 = [[1, 0], [-3, 1]]:

    a = (1, 3)     b = relu((2, -3)) = (2, 0)     conv3(b) = (2, -6)     y = relu((2, -6) + (1, 3)) = (3, 0)

Normalisations have PyTorch's defaults. Any sizes from 1 up, any memory layout and floating dtype will do. `x` comes
back as it was. Gradients flow back by branch and shortcut, in evaluation, too, and to x where parameters are frozen. A
training forward renews each running statistic once. Nothing is kept between calls or shared by two blocks; making one
sets no seed.

Not allowed: everything from `torchvision.models` and `torchvision.ops`. `nn.Conv2d(groups=...)` is allowed.
"""

import torch
from torch import Tensor, nn


class ResNeXtBlock(nn.Module):
    """A residual bottleneck whose 3x3 convolution works in groups.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        cardinality: number of groups.
        group_width: channels of each group. With the defaults, the 3x3 convolution has 32 * 4 = 128 channels.
        stride: stride of the 3x3 convolution and of the projection.
    """

    def __init__(
        self, in_channels: int, out_channels: int, cardinality: int = 32, group_width: int = 4, stride: int = 1
    ) -> None:
        """Create the layers of the branch, and `shortcut`."""
        super().__init__()
        raise NotImplementedError("resnext_block: implement ResNeXtBlock.__init__")

    def forward(self, x: Tensor) -> Tensor:
        """Return relu(branch(x) + shortcut(x)).

        Args:
            x: (N, in_channels, H, W). It is left as it was.

        Returns:
            (N, out_channels, ceil(H / stride), ceil(W / stride)).
        """
        raise NotImplementedError("resnext_block: implement ResNeXtBlock.forward")
