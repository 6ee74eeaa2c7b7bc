"""multiplies the flattened images with the matrix

conv2d is made from conv2d_matrix instead of the other way round.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    O, _, kH, kW = weight.shape
    matrix = conv2d_matrix(weight, x.shape[2], x.shape[3], stride, padding)
    out = F.linear(x.flatten(1), matrix).unflatten(1, (O, -1))
    if bias is not None:
        out = out + bias[None, :, None]
    return out.unflatten(2, (-1, (x.shape[3] + 2 * padding - kW) // stride + 1))


def conv2d_matrix(weight: Tensor, height: int, width: int, stride: int = 1, padding: int = 0) -> Tensor:
    O, C, kH, kW = weight.shape
    out_h = (height + 2 * padding - kH) // stride + 1
    out_w = (width + 2 * padding - kW) // stride + 1
    matrix = torch.zeros(O, out_h, out_w, C, height, width, dtype=weight.dtype, device=weight.device)
    for i in range(out_h):
        for j in range(out_w):
            for a in range(kH):
                for b in range(kW):
                    row, column = i * stride + a - padding, j * stride + b - padding
                    if 0 <= row < height and 0 <= column < width:
                        matrix[:, i, j, :, row, column] = weight[:, :, a, b]
    return matrix.reshape(O * out_h * out_w, C * height * width)
