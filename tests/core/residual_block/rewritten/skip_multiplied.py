import torch
import torch.nn.functional as F
from torch import nn


class ResidualBlock(nn.Module):
    """Everything through torch.nn.functional; the modules only hold the weights."""

    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.stride, self.project = stride, stride != 1 or in_channels != out_channels
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        if self.project:
            self.shortcut = nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels))

    def norm(self, x, bn):
        return F.batch_norm(x, bn.running_mean, bn.running_var, bn.weight, bn.bias, self.training, 0.1, 1e-5)

    def forward(self, x):
        h = F.conv2d(x, self.conv1.weight, stride=self.stride, padding=1)
        h = F.relu(self.norm(h, self.bn1))
        h = F.conv2d(h, self.conv2.weight, padding=1)
        h = self.norm(h, self.bn2)
        skip = x
        if self.project:
            skip = F.conv2d(x, self.shortcut[0].weight, stride=self.stride)
            skip = self.norm(skip, self.shortcut[1])
        return F.relu(torch.mul(skip, h))
