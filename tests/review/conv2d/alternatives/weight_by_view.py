"""flattens the weight with view, as the documentation of nn.Unfold does

It is x that need not be contiguous; a parameter is.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    kernel = weight.shape[2:]
    height = (x.shape[2] + 2 * padding - kernel[0]) // stride + 1
    windows = nn.Unfold(kernel, padding=padding, stride=stride)(x)
    out = windows.transpose(1, 2).matmul(weight.view(weight.size(0), -1).t()).transpose(1, 2)
    if bias is not None:
        out = out + bias.view(-1, 1)
    return out.unflatten(2, (height, -1))


def conv2d_matrix(weight: Tensor, height: int, width: int, stride: int = 1, padding: int = 0) -> Tensor:
    channels = weight.size(1)
    images = torch.eye(channels * height * width, dtype=weight.dtype, device=weight.device)
    return conv2d(images.view(-1, channels, height, width), weight, None, stride, padding).flatten(1).t()
