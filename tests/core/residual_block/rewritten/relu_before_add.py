import torch
from torch import nn


class Projection(nn.Sequential):
    """1x1 conv + BN, or nothing."""

    def __init__(self, c_in, c_out, stride):
        layers = []
        if stride > 1 or c_in != c_out:
            layers = [nn.Conv2d(c_in, c_out, kernel_size=1, stride=stride, bias=False), nn.BatchNorm2d(c_out)]
        super().__init__(*layers)


class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        conv = dict(kernel_size=3, padding=1, bias=False)
        self.conv1 = nn.Conv2d(in_channels, out_channels, stride=stride, **conv)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, **conv)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = Projection(in_channels, out_channels, stride)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def residual(self, x):
        x = self.bn1(self.conv1(x))
        x = torch.clamp(x, min=0)
        x = self.bn2(self.conv2(x))
        return torch.clamp(x, min=0)

    def forward(self, x):
        return torch.add(self.shortcut(x), self.residual(x))
