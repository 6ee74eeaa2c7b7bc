import torch
from torch import nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    @torch.no_grad()
    def gates(self, x):
        z = nn.functional.avg_pool2d(x, x.shape[-2:]).flatten(1)
        return torch.sigmoid(self.fc2(torch.relu(self.fc1(z))))

    def forward(self, x):
        return x * self.gates(x).unsqueeze(-1).unsqueeze(-1)
