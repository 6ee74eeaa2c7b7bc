import torch
from torch import nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        mid = max(channels // reduction, 1)
        self.fc1 = nn.Conv2d(channels, mid, kernel_size=1, bias=False)
        self.act = nn.ReLU()
        self.fc2 = nn.Conv2d(mid, channels, kernel_size=1, bias=False)
        self.gate = nn.Sigmoid()

    def forward(self, x):
        s = x.mean((-2, -1), keepdim=True)
        for layer in (self.fc1, self.act, self.fc2, self.gate):
            s = layer(s)
        return torch.mul(x, s.expand_as(x))
