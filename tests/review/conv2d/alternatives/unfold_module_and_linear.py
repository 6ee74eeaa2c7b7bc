"""uses nn.Unfold, and a linear layer over windows

The windows become rows, F.linear does product and bias at once, and the axes are put back. The matrix is the unfolding
of an image of indices.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    O, C, kH, kW = weight.shape
    rows = torch.nn.Unfold((kH, kW), stride=stride, padding=padding)(x).mT
    out = F.linear(rows, weight.reshape(O, C * kH * kW), bias).mT
    return out.unflatten(-1, ((x.size(2) + 2 * padding - kH) // stride + 1, -1))


def conv2d_matrix(weight: Tensor, height: int, width: int, stride: int = 1, padding: int = 0) -> Tensor:
    O, C, kH, kW = weight.shape
    places = C * height * width
    # Which input does each entry of each window see? 0 stands for none.
    numbers = torch.arange(1.0, places + 1, dtype=torch.float64).reshape(1, C, height, width)
    seen = F.unfold(numbers, (kH, kW), padding=padding, stride=stride)[0].round().long()
    choice = F.one_hot(seen, places + 1)[..., 1:].to(weight.dtype)
    return torch.einsum("ok,klp->olp", weight.flatten(1), choice).flatten(0, 1)
