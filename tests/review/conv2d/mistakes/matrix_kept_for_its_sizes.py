"""keeps the matrix of the first weights and returns it for all others of the same shape

The places of the weights depend on sizes only, so they may be kept; the weights that stand there may not. In training,
the matrix would be that of the first step for ever.

Hint: What of the matrix stays the same when the weights change?
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_matrices: dict[tuple[object, ...], Tensor] = {}


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    _, _, kh, kw = weight.shape
    padded = F.pad(x, (padding,) * 4)
    windows = padded.unfold(2, kh, stride).unfold(3, kw, stride)
    out = torch.einsum("nchwab,ocab->nohw", windows, weight)
    return out if bias is None else out + bias[:, None, None]


def conv2d_matrix(weight: Tensor, height: int, width: int, stride: int = 1, padding: int = 0) -> Tensor:
    key = (weight.shape, weight.dtype, height, width, stride, padding)
    if key not in _matrices:
        size = weight.shape[1] * height * width
        images = torch.eye(size, dtype=weight.dtype, device=weight.device).view(size, -1, height, width)
        _matrices[key] = conv2d(images, weight, None, stride, padding).flatten(1).T
    return _matrices[key]
