"""has no activation between the two layers

Two linear layers in a row are one linear layer of low rank: the gate can no longer react to combinations of channels
in a non-linear way.

Hint: Count the activations in equation 3.
"""

import torch
from torch import Tensor, nn


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x: Tensor) -> Tensor:
        b, c, _, _ = x.shape
        s = x.mean(dim=(2, 3))
        s = self.fc1(s)
        s = self.fc2(s)
        s = torch.sigmoid(s)
        return x * s.view(b, c, 1, 1)
