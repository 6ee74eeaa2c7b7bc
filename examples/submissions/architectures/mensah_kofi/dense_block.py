"""Dense block: no layer computes again what an earlier one has found, because every layer sees all maps so far.

Each layer adds a few new feature maps, `growth_rate` of them, behind those that are there. Nothing is summed and
nothing is thrown away: the input itself is still part of the output.

Formula (Huang et al. 2016, "Densely Connected Convolutional Networks", arXiv 1608.06993, equation 2), x0 the input:

    x_l  =  H_l([x0, x1, ..., x_(l-1)])        l = 1, ..., num_layers       growth_rate maps each
    H_l  =  batch normalisation, then ReLU, then a 3x3 convolution          in this order
    out  =  [x0, x1, ..., x_num_layers]                                     in_channels + num_layers * growth_rate maps

where [...] puts feature maps one behind the other on the channel axis, the oldest first.

Names, which the tests use to load weights. Layers count from 0; layer i sees c = in_channels + i * growth_rate maps:

    layers.{i}.norm    BatchNorm2d(c), with PyTorch's defaults
    layers.{i}.conv    3x3 convolution, c -> growth_rate, padding 1, no bias      weight (growth_rate, c, 3, 3)

Worked example: `DenseBlock(1, growth_rate=1, num_layers=2)` in evaluation mode, whose normalisations change nothing
and whose kernels are zero except in the middle: 3 in layer 0, (1, -1) in layer 1. An image of 1 x 2 pixels:

    x0 = [-1, 2]
    x1 = 3 * relu(x0)          = [0, 6]
    x2 = relu(x0) - relu(x1)   = [0, -4]
    out: the three maps [-1, 2], [0, 6], [0, -4]

There is no 1x1 bottleneck before the 3x3 convolution (the paper's DenseNet-B), no transition and no dropout: they are
not asked here. The activation changes what a layer sees, not the maps that are handed on: -1 stays in the output.

Any sizes from 1 up, any memory layout and floating dtype will do. `x` comes back as it was. Gradients flow back through
every layer that saw a map, in evaluation, too, and to x where parameters are frozen. A training forward renews each
layer's running statistics once. Nothing is kept between calls or shared by two blocks; making one sets no seed.

Not allowed: everything from `torchvision.models` and `torchvision.ops`. Convolutions, normalisation and activations of
PyTorch are allowed.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn


class DenseBlock(nn.Module):
    """A stack of layers, each of which sees the input and what all layers before it have found.

    Args:
        in_channels: feature maps of the input.
        growth_rate: feature maps that each layer adds.
        num_layers: how many layers there are, at least 1.
    """

    def __init__(self, in_channels: int, growth_rate: int, num_layers: int) -> None:
        """Create `layers`, each with its `norm` and `conv`."""
        super().__init__()
        raise NotImplementedError("dense_block: implement DenseBlock.__init__")

    def forward(self, x: Tensor) -> Tensor:
        """Return the input and the maps of all layers, one behind the other.

        Args:
            x: (N, in_channels, H, W). It is left as it was.

        Returns:
            (N, in_channels + num_layers * growth_rate, H, W), the oldest maps first.
        """
        raise NotImplementedError("dense_block: implement DenseBlock.forward")
