"""takes the windows as views with Tensor.unfold and sums with einsum

No copy of the windows is made; the letters say over what is summed. The matrix is what conv2d makes of unit images.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    if padding:
        x = F.pad(x, [padding] * 4)
    windows = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    out = torch.einsum("nchwij,ocij->nohw", windows, weight)
    return out if bias is None else out + bias[None, :, None, None]


def conv2d_matrix(weight: Tensor, height: int, width: int, stride: int = 1, padding: int = 0) -> Tensor:
    C = weight.size(1)
    units = torch.eye(C * height * width).to(weight).view(-1, C, height, width)
    return conv2d(units, weight, stride=stride, padding=padding).flatten(1).t()
