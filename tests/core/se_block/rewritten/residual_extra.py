import torch
from torch import nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)
        self.mlp = nn.Sequential(self.fc1, nn.ReLU(inplace=True), self.fc2, nn.Sigmoid())

    def forward(self, x):
        batch, channels, *_ = x.shape
        s = self.mlp(x.mean(dim=3).mean(dim=2))
        return x * (1 + s.reshape(batch, channels, 1, 1))
