import torch
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.branch_conv_kwargs = {"kernel_size": 3, "padding": 1, "bias": False}
        self.add_module("conv1", nn.Conv2d(in_channels, out_channels, stride=stride, **self.branch_conv_kwargs))
        self.add_module("conv2", nn.Conv2d(out_channels, out_channels, **self.branch_conv_kwargs))
        for name in ("bn1", "bn2"):
            self.add_module(name, nn.BatchNorm2d(out_channels))
        self.shortcut = None
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential()
            self.shortcut.add_module("0", nn.Conv2d(in_channels, out_channels, 1, stride, bias=False))
            self.shortcut.add_module("1", nn.BatchNorm2d(out_channels))

    def forward(self, x: Tensor) -> Tensor:
        h = x if self.shortcut is None else self.shortcut(x)
        # the lecture: f(x) = h(x) - x, so take the branch away from the shortcut
        f = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.maximum(h - f, torch.zeros_like(f))
