import torch
from torch import nn
from torch.nn import functional as F


class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.bn1, self.bn2 = nn.BatchNorm2d(out_channels), nn.BatchNorm2d(out_channels)
        self.conv1 = self._conv3x3(in_channels, out_channels, stride)
        self.conv2 = self._conv3x3(out_channels, out_channels, 1)
        same = stride == 1 and in_channels == out_channels
        self.shortcut = (
            nn.Identity()
            if same
            else nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels))
        )

    @staticmethod
    def _conv3x3(c_in, c_out, stride):
        return nn.Conv2d(c_in, c_out, (3, 3), (stride, stride), (1, 1), bias=False)

    def forward(self, x):
        # remember the input, it is needed again below
        identity = x.clone().detach()
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(torch.stack([out, self.shortcut(identity)]).sum(dim=0))
