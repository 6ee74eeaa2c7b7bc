"""Esercizio 2: squeeze and excitation."""

from torch import nn
import torch.nn.functional as F


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.fc1 = nn.Linear(channels, max(channels // reduction, 1))
        self.fc2 = nn.Linear(max(channels // reduction, 1), channels)

    def forward(self, x):
        gate = F.adaptive_avg_pool2d(x, 1).flatten(1)
        gate = F.relu(self.fc1(gate))
        gate = F.softmax(self.fc2(gate), dim=1)
        return x * gate[..., None, None]
