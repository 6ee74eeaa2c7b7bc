import torch
import torch.nn.functional as F
from torch import nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x):
        channels = []
        for c in range(x.shape[1]):
            kernel = self.depthwise.weight[c : c + 1]
            out = F.conv2d(x[:, c : c + 1], kernel, stride=self.depthwise.stride, padding=self.depthwise.padding)
            channels.append(torch.where(out > 0, out, torch.zeros_like(out)))
        maps = torch.cat(channels, dim=1)
        return torch.einsum("mc,nchw->nmhw", self.pointwise.weight[:, :, 0, 0], maps)
