import torch
from torch import nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.fc1 = nn.Linear(channels, max(1, channels // reduction))
        self.fc2 = nn.Linear(max(1, channels // reduction), channels)

    def forward(self, x):
        z = x.transpose(0, 1).flatten(1).mean(dim=1)
        s = torch.sigmoid(self.fc2(torch.relu(self.fc1(z))))
        return x * s.view(1, -1, 1, 1)
