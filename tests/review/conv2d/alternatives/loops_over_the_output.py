"""computes one place of the output after the other

The formula as it stands: slow, and the same numbers. The matrix is built row by row, on a padded image that is cut.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    N, _, H, W = x.shape
    O, _, kH, kW = weight.shape
    x = F.pad(x, (padding, padding, padding, padding))
    rows = []
    for i in range(0, H + 2 * padding - kH + 1, stride):
        places = []
        for j in range(0, W + 2 * padding - kW + 1, stride):
            window = x[:, None, :, i : i + kH, j : j + kW]
            value = (window * weight).sum(dim=(2, 3, 4))
            places.append(value if bias is None else value + bias)
        rows.append(torch.stack(places, dim=-1))
    return torch.stack(rows, dim=-2)


def conv2d_matrix(weight: Tensor, height: int, width: int, stride: int = 1, padding: int = 0) -> Tensor:
    O, C, kH, kW = weight.shape
    rows = []
    for o in range(O):
        for i in range(0, height + 2 * padding - kH + 1, stride):
            for j in range(0, width + 2 * padding - kW + 1, stride):
                around = (j, width + 2 * padding - kW - j, i, height + 2 * padding - kH - i)
                canvas = F.pad(weight[o], around)
                rows.append(canvas[:, padding : padding + height, padding : padding + width].flatten())
    return torch.stack(rows)
