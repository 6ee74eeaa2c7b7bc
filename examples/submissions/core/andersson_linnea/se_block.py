"""Squeeze-and-excitation."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x: Tensor) -> Tensor:
        squeezed = x.mean(dim=(2, 3))                                   # (N, C)
        gates = torch.sigmoid(self.fc2(F.relu(self.fc1(squeezed))))     # (N, C)
        return x * gates[:, :, None, None]
