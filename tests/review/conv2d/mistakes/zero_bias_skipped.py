"""leaves out a bias whose numbers are all zero

Nothing is missing in the output, but a bias that starts at zero never gets a gradient, and stays zero for ever.

Hint: Which question asks whether there is a bias at all, and which one asks for its numbers?
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    n, _, height, width = x.shape
    o, _, kh, kw = weight.shape
    columns = F.unfold(x, (kh, kw), padding=padding, stride=stride)
    out = weight.flatten(1) @ columns
    if bias is not None and bias.any():
        out = out + bias[:, None]
    return out.view(n, o, (height + 2 * padding - kh) // stride + 1, (width + 2 * padding - kw) // stride + 1)


def conv2d_matrix(weight: Tensor, height: int, width: int, stride: int = 1, padding: int = 0) -> Tensor:
    size = weight.shape[1] * height * width
    images = torch.eye(size, dtype=weight.dtype, device=weight.device).view(size, -1, height, width)
    return conv2d(images, weight, None, stride, padding).flatten(1).T
