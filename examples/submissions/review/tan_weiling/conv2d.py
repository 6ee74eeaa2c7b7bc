"""Convolution: one small kernel at every place of an image, and the fully connected layer that does the same.

A fully connected layer has a weight of its own for every pair of an input and an output. A convolution looks at a small
window at a time, with the same weights everywhere. It is still a matrix product: cut the image into windows, put each
window into a column, and multiply all columns by the kernels, which are the rows of one matrix.

Formula (cross-correlation: the kernel is not flipped; places outside of the image count as 0):

    out[n, o, i, j] = bias[o] + sum over c, a, b of  weight[o, c, a, b] * x[n, c, i*stride + a - padding,
                                                                                  j*stride + b - padding]

Shapes, with // rounding down:

    x (N, C, H, W), weight (O, C, kH, kW), bias (O,)  ->  out (N, O, H', W')
    H' = (H + 2*padding - kH) // stride + 1,    W' = (W + 2*padding - kW) // stride + 1

stride and padding are ints, the same in both directions. Kernels may be rectangular, and the padded image is at least
as large as the kernel.

The matrix of the same layer, for images of one size, is M, (O*H'*W', C*H*W), so that without a bias

    conv2d(x, weight, None, stride, padding).flatten(1) == x.flatten(1) @ M.T

Each row belongs to one place of one output channel. It is zero but for the kernel's C*kH*kW weights, and the rows of
one output channel hold the same weights at other places: a convolution is a fully connected layer with most weights
zero and the others shared.

Example, one channel, stride 1, no padding:

    x = [[1, 2, 3],     weight = [[1, 0],     out = [[1*1 + 2*5, 1*2 + 2*6],  = [[11, 14],
         [4, 5, 6],               [0, 2]]            [1*4 + 2*8, 1*5 + 2*9]]     [20, 23]]
         [7, 8, 9]]

    M = [[1, 0, 0, 0, 2, 0, 0, 0, 0],
         [0, 1, 0, 0, 0, 2, 0, 0, 0],
         [0, 0, 0, 1, 0, 0, 0, 2, 0],
         [0, 0, 0, 0, 1, 0, 0, 0, 2]]

Not allowed, since they are the exercise: F.conv*, nn.Conv*, torch.conv*, torch.convolution and their relatives (the
transposed, lazy and quantized ones, torch.nn.grad, torch.ops.aten), and torchvision.ops. F.unfold, nn.Unfold, F.fold,
F.pad, Tensor.unfold, torch.einsum and torch.fft are allowed.

Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document Recognition",
Proceedings of the IEEE 86(11), 1998, section II; convolution as one matrix product: K. Chellapilla, S. Puri, P. Simard,
"High Performance Convolutional Neural Networks for Document Processing", IWFHR 2006.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    """Slide the kernels in `weight` (O, C, kH, kW) over the images x (N, C, H, W): (N, O, H', W').

    The result has the dtype and device of x. Gradients reach x, weight and bias, none of which is changed. N, C, O, the
    kernel's sides and the result's may each be 1, and x need not be contiguous.
    """
    raise NotImplementedError("conv2d: implement conv2d")


def conv2d_matrix(weight: Tensor, height: int, width: int, stride: int = 1, padding: int = 0) -> Tensor:
    """The weight of the fully connected layer that does the same to images of height x width: (O*H'*W', C*H*W).

    Rows and columns are in the order of `flatten`: channel, then row, then column of the image. The matrix has the
    dtype and device of `weight`, and gradients reach `weight`.
    """
    raise NotImplementedError("conv2d: implement conv2d_matrix")
