"""adds one shifted image for each place of the kernel

A loop over the kernel's places, which are few; each adds a product over channels.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    kH, kW = weight.shape[-2:]
    x = F.pad(x, (padding,) * 4)
    rows, columns = (x.shape[2] - kH) // stride + 1, (x.shape[3] - kW) // stride + 1
    out = x.new_zeros(x.shape[0], weight.shape[0], rows, columns)
    for a in range(kH):
        for b in range(kW):
            seen = x[:, :, a : a + stride * (rows - 1) + 1 : stride, b : b + stride * (columns - 1) + 1 : stride]
            out = out + torch.tensordot(seen, weight[:, :, a, b], dims=([1], [1])).permute(0, 3, 1, 2)
    if bias is not None:
        out += bias.view(1, -1, 1, 1)
    return out


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
