"""is written in the subset of Python that torch.jit.script compiles

Explicit types, lists in place of tuples and a helper method. It scales with an in-place product, but on a copy, so
the caller's tensor stays as it was.
"""

import torch
from torch import Tensor, nn


class SEBlock(nn.Module):
    channels: int

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        self.channels = channels
        hidden: int = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def scale(self, x: Tensor) -> Tensor:
        s = torch.mean(x, [2, 3])
        s = torch.clamp(self.fc1(s), min=0.0)
        return torch.sigmoid(self.fc2(s))

    def forward(self, x: Tensor) -> Tensor:
        out = x.clone()
        out.mul_(self.scale(x).view([-1, self.channels, 1, 1]))
        return out
