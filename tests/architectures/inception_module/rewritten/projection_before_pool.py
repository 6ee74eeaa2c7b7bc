import torch
from torch import nn


class InceptionModule(nn.Module):
    def __init__(self, in_channels, ch1x1, ch3x3_reduce, ch3x3, ch5x5_reduce, ch5x5, pool_proj):
        super().__init__()
        self.conv1x1 = nn.Conv2d(in_channels, ch1x1, 1)
        self.reduce3x3 = nn.Conv2d(in_channels, ch3x3_reduce, 1)
        self.conv3x3 = nn.Conv2d(ch3x3_reduce, ch3x3, 3, 1, 1)
        self.reduce5x5 = nn.Conv2d(in_channels, ch5x5_reduce, 1)
        self.conv5x5 = nn.Conv2d(ch5x5_reduce, ch5x5, 5, 1, 2)
        self.pool_proj = nn.Conv2d(in_channels, pool_proj, 1)
        self.relu, self.pool = nn.ReLU(), nn.MaxPool2d(3, 1, 1)

    def forward(self, x):
        a = self.relu(self.conv1x1(x))
        b = self.relu(self.conv3x3(self.relu(self.reduce3x3(x))))
        c = self.relu(self.conv5x5(self.relu(self.reduce5x5(x))))
        d = self.relu(self.pool(self.pool_proj(x)))
        return torch.hstack([a, b, c, d])
