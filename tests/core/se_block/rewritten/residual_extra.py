import torch
from torch import nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        batch, channels, *_ = x.shape
        s = self.fc2(self.fc1(x.mean(dim=3).mean(dim=2)).clamp(min=0)).sigmoid()
        return x * (1 + s.reshape(batch, channels, 1, 1))
