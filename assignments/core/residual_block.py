"""Residual block: the basic block of ResNet, after the activation (version 1).

The stacked layers do not learn the wanted mapping h(x) itself but only what is missing from the input, the residual
f(x) = h(x) - x. The block adds x back through a shortcut, so that "change nothing" means no more than f(x) = 0.

Source: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2015, https://arxiv.org/abs/1512.03385,
equations (1) and (2), figure 2; the projection is "option B" of section 4.1.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with batch normalisation, bridged by a shortcut.

    Formula::

        f(x) = bn2(conv2(relu(bn1(conv1(x)))))
        y    = relu(f(x) + shortcut(x))

    Layers, with exactly these names (weights are loaded by name):

    =============  ======================================================================================
    ``conv1``      3x3 convolution, ``in_channels`` to ``out_channels``, ``stride``, padding 1, no bias
    ``bn1``        batch normalisation of ``out_channels``
    ``conv2``      3x3 convolution, ``out_channels`` to ``out_channels``, stride 1, padding 1, no bias
    ``bn2``        batch normalisation of ``out_channels``
    ``shortcut``   the identity, without parameters, if ``stride == 1`` and ``in_channels == out_channels``;
                   in every other case a projection in two layers:
    ``shortcut.0`` 1x1 convolution, ``in_channels`` to ``out_channels``, ``stride``, no padding, no bias
    ``shortcut.1`` batch normalisation of ``out_channels``
    =============  ======================================================================================

    Batch normalisation keeps PyTorch's defaults (eps 1e-5, momentum 0.1, affine, running statistics). How you
    initialise the weights is up to you, as long as they are finite and not all zero.

    Shapes: (N, in_channels, H, W) -> (N, out_channels, ceil(H / stride), ceil(W / stride)).

    Example, one position of one channel at a time::

        x            = [-1.0,  2.0,  0.5]
        f(x)         = [ 3.0, -5.0,  0.0]
        f(x) + x     = [ 2.0, -3.0,  0.5]
        y            = [ 2.0,  0.0,  0.5]

    ``ResidualBlock(64, 128, stride=2)`` turns (8, 64, 57, 56) into (8, 128, 29, 28).

    Not allowed: blocks of torchvision (``torchvision.models``, ``torchvision.ops``). ``nn.Conv2d``,
    ``nn.BatchNorm2d``, ``nn.Sequential`` and the activations are.

    The caller's ``x`` must not be changed, in training, in evaluation and under ``no_grad``. Any sizes from 1 up, any
    memory layout (``channels_last``, transposed, a crop) and any floating dtype, in which the output comes, will do.
    Gradients flow in evaluation, too, to ``x`` where parameters are frozen, and to parameters where ``x`` needs none.
    What counts is what ``x`` and the parameters hold when the block is called; gradients that are there stay, so does
    an output after the next call, and backward leaves the running statistics alone. Blocks share no layers, deep copies
    neither, and making one sets no seed.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        """Create the layers.

        Args:
            in_channels: channels of the input.
            out_channels: channels of the output.
            stride: step of the first convolution and of the projection; both must shrink the image alike.
        """
        super().__init__()
        raise NotImplementedError("residual_block: implement ResidualBlock.__init__")

    def forward(self, x: Tensor) -> Tensor:
        """Return relu(f(x) + shortcut(x)).

        Args:
            x: (N, in_channels, H, W), left unchanged.

        Returns:
            (N, out_channels, ceil(H / stride), ceil(W / stride)).
        """
        raise NotImplementedError("residual_block: implement ResidualBlock.forward")
