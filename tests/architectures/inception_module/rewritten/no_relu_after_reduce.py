import torch
from torch import nn


class InceptionModule(nn.Module):
    def __init__(self, in_channels, ch1x1, ch3x3_reduce, ch3x3, ch5x5_reduce, ch5x5, pool_proj):
        super().__init__()
        def conv(i, o, k):
            return nn.Conv2d(i, o, k, padding=k // 2)
        self.conv1x1 = conv(in_channels, ch1x1, 1)
        self.reduce3x3, self.conv3x3 = conv(in_channels, ch3x3_reduce, 1), conv(ch3x3_reduce, ch3x3, 3)
        self.reduce5x5, self.conv5x5 = conv(in_channels, ch5x5_reduce, 1), conv(ch5x5_reduce, ch5x5, 5)
        self.pool = nn.MaxPool2d(3, stride=1, padding=1)
        self.pool_proj = conv(in_channels, pool_proj, 1)

    def forward(self, x):
        outs = [self.conv1x1(x), self.conv3x3(self.reduce3x3(x)), self.conv5x5(self.reduce5x5(x))]
        outs.append(self.pool_proj(self.pool(x)))
        return torch.cat([o.clamp(min=0) for o in outs], 1)
