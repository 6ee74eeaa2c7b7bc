"""VGG block: one kind of convolution and one kind of block, repeated, so that depth alone is left to choose.

A few 3x3 convolutions, a ReLU after each, then a max pooling that halves height and width. Two 3x3 convolutions in a
row see 5x5 pixels, three see 7x7, with fewer weights than one large kernel and with a ReLU after each.

Formula (Simonyan & Zisserman 2014, "Very Deep Convolutional Networks", arXiv 1409.1556, section 2.1 and table 1):

    a[0] = x
    a[l] = relu(convs[l-1](a[l-1]))          for l = 1, ..., num_convs            (N, out, H, W)
    out  = the largest of each 2 x 2 window of a[num_convs], windows side by side   (N, out, H // 2, W // 2)

Names, which the tests use to load weights:

    convs.0                                  3x3, in_channels -> out_channels     weight (out, in, 3, 3)    bias (out,)
    convs.1, ..., convs.{num_convs-1}        3x3, out_channels -> out_channels    weight (out, out, 3, 3)   bias (out,)

Every convolution has padding 1 and a bias. There are no other parameters or buffers.

Worked example: VGGBlock(1, 1, num_convs=2), both weights zero but for the middle of the kernel, which is 1; the biases
are -1 and 2. An image of 3 x 4 pixels:

    x                  relu(x - 1)       relu(that + 2)     out
    [[1, 0, 4, 2],     [[0, 0, 3, 1],    [[2, 2, 5, 3],
     [3, 1, 0, 0],      [2, 0, 0, 0],     [4, 2, 2, 2],     [[4, 5]]
     [9, 9, 9, 9]]      [8, 8, 8, 8]]     [10, 10, 10, 10]]

The third row has no second one to share a window with, and is left out.

Any sizes from 1 up will do for channels, num_convs and the batch, H and W from 2 up, any memory layout and any floating
dtype. Training and evaluation give the same result. How you initialise the weights is up to you. Blocks share no
layers, and making one sets no seed.

Not allowed, since it is the exercise: `torchvision.models` and `torchvision.ops`.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class VGGBlock(nn.Module):
    """`num_convs` convolutions with a ReLU after each, then a max pooling.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output, and between the convolutions.
        num_convs: how many convolutions, at least 1.
    """

    def __init__(self, in_channels: int, out_channels: int, num_convs: int) -> None:
        """Create `convs`, whose children are called 0, 1, ..."""
        super().__init__()
        raise NotImplementedError("vgg_block: implement VGGBlock.__init__")

    def forward(self, x: Tensor) -> Tensor:
        """Return the feature maps after the last pooling.

        Args:
            x: (N, in_channels, H, W), H and W from 2 up. It is left as it was.

        Returns:
            A new tensor (N, out_channels, H // 2, W // 2).
        """
        raise NotImplementedError("vgg_block: implement VGGBlock.forward")


def vgg_features(config: Sequence[tuple[int, int]], in_channels: int = 3) -> nn.Sequential:
    """Return the blocks of a VGG network, one after the other, without the linear layers that follow.

    Args:
        config: a pair (num_convs, out_channels) for each block. It is left as it was. VGG-16 is
            ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)), and has 14,714,688 parameters here.
        in_channels: channels of the image.

    Returns:
        An `nn.Sequential` whose children 0, 1, ... are `VGGBlock`s.
    """
    raise NotImplementedError("vgg_block: implement vgg_features")
