"""Squeeze-and-excitation block: let a network turn each feature map up or down, after a look at the whole image.

A convolution sees a small window. This block describes every channel by one number, its mean, computes from all of
these numbers one gate between 0 and 1 per channel, and multiplies each channel by its gate.

Formula (Hu et al. 2017, "Squeeze-and-Excitation Networks", arXiv 1709.01507, equations 2 to 4):

    squeeze      z[n, c] = mean of x[n, c, i, j] over all positions (i, j)         (N, C)
    excitation   s = sigmoid(fc2(relu(fc1(z))))                                    (N, C)
    scale        out[n, c, i, j] = x[n, c, i, j] * s[n, c]                         (N, C, H, W)

Names, which the tests use to load weights:

    fc1    linear, channels -> hidden     fc1.weight (hidden, channels)     fc1.bias (hidden,)
    fc2    linear, hidden -> channels     fc2.weight (channels, hidden)     fc2.bias (channels,)

with hidden = channels // reduction, but never less than 1. Both layers have a bias, as in the authors' released model.
A 1x1 convolution, whose weight is (out, in, 1, 1), may stand in for a linear layer. Some libraries (timm) round hidden
to a multiple of 8: that is not asked here, so do not.

Worked example: 2 channels, reduction 2, so hidden = 1, with fc1.weight = [[1, 1]], fc1.bias = [-2],
fc2.weight = [[1], [-1]], fc2.bias = [0, 0]. A batch of two images, 2 x 2 pixels each:

    channels of the image               z         relu(z1 + z2 - 2)    s
    [[0, 2], [0, 2]]  [[3, 3], [2, 4]]  (1, 3)    relu(2) = 2          (sigmoid(2), sigmoid(-2)) = (0.881, 0.119)
    [[4, -4], [0, 0]] [[1, 1], [1, 1]]  (0, 1)    relu(-1) = 0         (sigmoid(0), sigmoid(0)) = (0.5, 0.5)

In the output the first image's channels are multiplied by 0.881 and 0.119, the second image's by 0.5 and 0.5.

Any sizes from 1 up, channels included, any memory layout (channels_last, transposed, a crop), numbers of any size
and any floating dtype, in which the output comes, will do. Gradients flow in evaluation, too, to x where parameters are
frozen, and to parameters where x needs none. What counts is what x and the parameters hold when the block is called;
gradients that are there stay, and so does an output after the next call. Blocks share no layers, deep copies neither.
Making one sets no seed, and starts from finite weights that are not all zero.

Not allowed, since it is the exercise: torchvision's own block (`torchvision.ops.SqueezeExcitation`) and everything else
from `torchvision.models` and `torchvision.ops`. `nn.Linear`, `nn.Conv2d`, pooling and activations are allowed.
"""

import torch
from torch import Tensor, nn


class SEBlock(nn.Module):
    """Scale every channel of a feature map by a gate that is computed from all channels.

    Args:
        channels: channels C of the input and of the output.
        reduction: how many times narrower the hidden layer is than the input. `SEBlock(40)` has hidden = 40 // 16 = 2,
            `SEBlock(7)` has hidden = 1.
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        """Create the layers `fc1` and `fc2`."""
        super().__init__()
        # BEGIN SOLUTION
        # 7 // 16 is 0, and a layer of no width would make the gate blind to the image.
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)
        # END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` with each channel of each image multiplied by its gate.

        Args:
            x: (N, C, H, W), any N, H and W from 1 up. It is left as it was.

        Returns:
            A new tensor (N, C, H, W). Images of one batch do not affect each other, and training and evaluation
            give the same result. Gradients flow both through the factor `x` and through the gate.
        """
        # BEGIN SOLUTION
        squeezed = x.mean(dim=(2, 3))  # (N, C)
        hidden = torch.relu(self.fc1(squeezed))  # (N, hidden)
        gate = torch.sigmoid(self.fc2(hidden))  # (N, C)
        return x * gate[:, :, None, None]  # (N, C, 1, 1) spreads over height and width
        # END SOLUTION
