"""takes the matrix for the derivative of the layer

The derivative of a linear map is its matrix; create_graph keeps the way to the weight.
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
    return out.reshape(N, O, out_h, out_w)


def conv2d_matrix(weight: Tensor, height: int, width: int, stride: int = 1, padding: int = 0) -> Tensor:
    C = weight.shape[1]

    def layer(flat: Tensor) -> Tensor:
        return conv2d(flat.reshape(1, C, height, width), weight, None, stride, padding).flatten()

    start = weight.new_zeros(C * height * width)
    return torch.autograd.functional.jacobian(layer, start, create_graph=True)
