"""Inception module: several kernel sizes side by side, and 1x1 convolutions that make the large ones cheap.

Nobody knows in advance which kernel size a layer needs. The module takes all of them, in four branches that see the
same image, and puts their channels behind each other. What follows may choose.

Formula (Szegedy et al. 2014, "Going Deeper with Convolutions", arXiv 1409.4842, figure 2b):

    a   = relu(conv1x1(x))                                            (N, ch1x1, H, W)
    b   = relu(conv3x3(relu(reduce3x3(x))))                           (N, ch3x3, H, W)
    c   = relu(conv5x5(relu(reduce5x5(x))))                           (N, ch5x5, H, W)
    d   = relu(pool_proj(largest of each 3x3 window of x))            (N, pool_proj, H, W)
    out = a, b, c, d behind each other, along the channels            (N, ch1x1 + ch3x3 + ch5x5 + pool_proj, H, W)

A ReLU follows *every* convolution, the two reductions included (section 5). Height and width stay as they are in every
branch: the 3x3 convolution has padding 1, the 5x5 one 2, the pooling moves by one pixel and has padding 1.

Names, which the tests use to load weights; every one is a convolution with a bias:

    conv1x1      1x1, in_channels -> ch1x1
    reduce3x3    1x1, in_channels -> ch3x3_reduce        conv3x3    3x3, ch3x3_reduce -> ch3x3
    reduce5x5    1x1, in_channels -> ch5x5_reduce        conv5x5    5x5, ch5x5_reduce -> ch5x5
    pool_proj    1x1, in_channels -> pool_proj

There are no other parameters or buffers: batch normalisation came a year later. torchvision's GoogLeNet has a 3x3
convolution where conv5x5 is, by a mistake when it was brought over; here it is 5x5.

Worked example: InceptionModule(1, 1, 1, 1, 1, 1, 1), so that each branch has one channel. All weights are 0, but for
the middle of each kernel, which is 1; the biases are 0, but for that of reduce5x5, which is -3. A 2x3 image:

    x              a               b               c                                  d
    [[4, -2, 0],   [[4, 0, 0],     [[4, 0, 0],     [[1, 0, 0],                        [[4, 5, 5],
     [1,  0, 5]]    [1, 0, 5]]      [1, 0, 5]]      [0, 0, 2]]  = relu(x - 3)          [4, 5, 5]]

Any sizes from 1 up will do, for channels, batch, H and W, any memory layout and any floating dtype. Training and
evaluation give the same result. How you initialise the weights is up to you. Modules share no layers, and making one
sets no seed.

Not allowed, since it is the exercise: `torchvision.models` and `torchvision.ops`.
"""

import torch
from torch import Tensor, nn


class InceptionModule(nn.Module):
    """Four branches on one image, their channels behind each other.

    Args:
        in_channels: channels of the input.
        ch1x1: channels that the 1x1 branch gives.
        ch3x3_reduce: channels between the two convolutions of the 3x3 branch.
        ch3x3: channels that the 3x3 branch gives.
        ch5x5_reduce: channels between the two convolutions of the 5x5 branch.
        ch5x5: channels that the 5x5 branch gives.
        pool_proj: channels that the pooling branch gives.
    """

    def __init__(
        self,
        in_channels: int,
        ch1x1: int,
        ch3x3_reduce: int,
        ch3x3: int,
        ch5x5_reduce: int,
        ch5x5: int,
        pool_proj: int,
    ) -> None:
        """Create the six convolutions."""
        super().__init__()
        raise NotImplementedError("inception_module: implement InceptionModule.__init__")

    def forward(self, x: Tensor) -> Tensor:
        """Return the channels of all four branches.

        Args:
            x: (N, in_channels, H, W), any N, H and W from 1 up. It is left as it was.

        Returns:
            A new tensor (N, ch1x1 + ch3x3 + ch5x5 + pool_proj, H, W), the branches in this order.
        """
        raise NotImplementedError("inception_module: implement InceptionModule.forward")
