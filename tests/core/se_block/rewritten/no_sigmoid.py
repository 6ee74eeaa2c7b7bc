import torch
from torch import nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(channels // reduction, 1)
        self.fc2 = nn.Linear(hidden, channels)
        self.fc1 = nn.Linear(channels, hidden)

    def forward(self, x):
        z = torch.einsum("nchw->nc", x) / (x.shape[2] * x.shape[3])
        s = self.fc2(torch.relu(self.fc1(z)))
        return torch.einsum("nchw,nc->nchw", x, s)
