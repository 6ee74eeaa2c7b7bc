import torch
from torch import nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.pool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        z = self.pool(x).squeeze()
        gates = torch.sigmoid(self.fc2(torch.relu(self.fc1(z))))
        n, c = gates.shape
        return x * gates.view(n, c, 1, 1)
