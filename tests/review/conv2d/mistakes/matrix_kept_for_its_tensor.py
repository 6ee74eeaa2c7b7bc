"""keeps the matrix of a weight and returns it as long as the weight is the same tensor

An optimizer changes the numbers of a weight in place, and the tensor stays the same object. After the first step, the
matrix is that of the weights before.

Hint: A cache knows a tensor as an object. What does it know of the numbers in it?
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    _, _, kh, kw = weight.shape
    padded = torch.zeros_like(x[:, :, :1, :1]).repeat(1, 1, x.shape[2] + 2 * padding, x.shape[3] + 2 * padding)
    padded[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]] = x
    windows = padded.unfold(2, kh, stride).unfold(3, kw, stride)
    out = torch.einsum("nchwab,ocab->nohw", windows, weight)
    return out if bias is None else out + bias[:, None, None]


@lru_cache
def conv2d_matrix(weight: Tensor, height: int, width: int, stride: int = 1, padding: int = 0) -> Tensor:
    size = weight.shape[1] * height * width
    images = torch.eye(size, dtype=weight.dtype, device=weight.device).view(size, -1, height, width)
    return conv2d(images, weight, None, stride, padding).flatten(1).T
