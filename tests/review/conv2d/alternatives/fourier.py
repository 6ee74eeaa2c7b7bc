"""multiplies in the frequency domain

A cross-correlation is a product with the conjugate spectrum; the images are padded so far that nothing wraps around.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    H, W = x.shape[2] + 2 * padding, x.shape[3] + 2 * padding
    kH, kW = weight.shape[2:]
    x = F.pad(x, (padding,) * 4)
    size = (H + kH, W + kW)
    spectrum = torch.einsum("nchw,ochw->nohw", torch.fft.rfft2(x, s=size), torch.fft.rfft2(weight, s=size).conj())
    out = torch.fft.irfft2(spectrum, s=size)[:, :, : H - kH + 1 : stride, : W - kW + 1 : stride]
    return out if bias is None else out + bias.view(-1, 1, 1)


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
