"""takes the output for a square

The side is the root of the number of places: images with height and width unequal are misshapen or fail.

Hint: Try an image of 4 by 9.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    N, C, H, W = x.shape
    O, _, kH, kW = weight.shape
    out_h = (H + 2 * padding - kH) // stride + 1
    out_w = (W + 2 * padding - kW) // stride + 1
    columns = F.unfold(F.pad(x, (padding, padding, padding, padding)), (kH, kW), stride=stride)
    out = weight.reshape(O, -1) @ columns
    if bias is not None:
        out = out + bias.reshape(-1, 1)
    side = int(columns.shape[2] ** 0.5)
    return out.reshape(N, O, side, side)


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
