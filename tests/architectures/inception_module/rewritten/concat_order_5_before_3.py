import torch
from torch import nn


class InceptionModule(nn.Module):
    def __init__(self, in_channels, ch1x1, ch3x3_reduce, ch3x3, ch5x5_reduce, ch5x5, pool_proj):
        super().__init__()
        self.conv1x1 = nn.Conv2d(in_channels, ch1x1, 1)
        self.reduce5x5 = nn.Conv2d(in_channels, ch5x5_reduce, 1)
        self.conv5x5 = nn.Conv2d(ch5x5_reduce, ch5x5, 5, padding=2)
        self.reduce3x3 = nn.Conv2d(in_channels, ch3x3_reduce, 1)
        self.conv3x3 = nn.Conv2d(ch3x3_reduce, ch3x3, 3, padding=1)
        self.pool_proj = nn.Conv2d(in_channels, pool_proj, 1)

    def forward(self, x):
        out = [self.conv1x1(x)]
        out.append(self.conv5x5(torch.relu(self.reduce5x5(x))))
        out.append(self.conv3x3(torch.relu(self.reduce3x3(x))))
        out.append(self.pool_proj(torch.max_pool2d(x, 3, 1, 1)))
        return torch.relu(torch.cat(out, dim=1))
