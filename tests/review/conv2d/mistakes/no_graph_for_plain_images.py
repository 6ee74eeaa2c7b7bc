"""records no graph where x requires no gradient

The images of the first layer are data and require none. Its weight and bias learn all the same.

Hint: Whose gradient needs a graph, where x is data?
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    with torch.set_grad_enabled(torch.is_grad_enabled() and x.requires_grad):
        height = (x.shape[2] + 2 * padding - weight.shape[2]) // stride + 1
        columns = F.unfold(x, weight.shape[2:], padding=padding, stride=stride)
        out = weight.flatten(1) @ columns
        if bias is not None:
            out = out + bias[:, None]
        return out.unflatten(2, (height, -1))


def conv2d_matrix(weight: Tensor, height: int, width: int, stride: int = 1, padding: int = 0) -> Tensor:
    channels = weight.shape[1]
    images = torch.eye(channels * height * width, dtype=weight.dtype, device=weight.device)
    columns = F.unfold(images.view(-1, channels, height, width), weight.shape[2:], padding=padding, stride=stride)
    return (weight.flatten(1) @ columns).flatten(1).T
