import torch as t
from torch import nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.fc1 = nn.Linear(channels, max(1, channels // reduction))
        self.fc2 = nn.Linear(max(1, channels // reduction), channels)

    def forward(self, x):
        s = t.sigmoid(self.fc2(t.relu(self.fc1(x.mean((2, 3))))))
        x *= s[:, :, None, None]
        return x
