"""writes both sums out with unfold and einsum

unfold collects the k * k neighbourhood of every position; the two einsums are the two sums of the formula. The
convolutions only hold the weights.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.kernel_size, self.stride = kernel_size, stride

    def forward(self, x: Tensor) -> Tensor:
        k, s = self.kernel_size, self.stride
        n, c, h, w = x.shape
        windows = F.unfold(x, k, padding=k // 2, stride=s).view(n, c, k * k, -1)
        maps = torch.einsum("nckl,ck->ncl", windows, self.depthwise.weight.view(c, k * k))
        out = torch.einsum("ncl,mc->nml", maps, self.pointwise.weight[:, :, 0, 0])
        return out.view(n, -1, -(-h // s), -(-w // s))
