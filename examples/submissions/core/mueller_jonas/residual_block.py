# Residual Block, Jonas Müller

from torch import nn
from torch.nn import functional as F


class ResidualBlock(nn.Module):

    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, kernel_size=(3, 3), stride=stride, padding="same" if stride == 1 else 1, bias=False)
        self.bn1   = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, kernel_size=(3, 3), padding="same", bias=False)
        self.bn2   = nn.BatchNorm2d(out_channels)
        self.needs_projection = (stride > 1) or (in_channels != out_channels)
        if self.needs_projection:
            self.shortcut = nn.Sequential(nn.Conv2d(in_channels, out_channels, kernel_size=1, stride=stride, bias=False), nn.BatchNorm2d(out_channels))

    def forward(self, x):
        identity = self.shortcut(x) if self.needs_projection else x
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y)) + identity
        return F.relu(y)
