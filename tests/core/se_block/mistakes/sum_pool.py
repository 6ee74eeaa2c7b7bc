"""squeezes with the sum over the positions and does not divide by their number

The summary grows with height times width, so the same weights give other gates for a larger image, and the sigmoid
soon saturates.

Hint: What should happen to the gates when an image is tiled to twice its size? Look at the factor in front of
equation 2.
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
        z = x.sum(dim=3).sum(dim=2)
        gate = torch.sigmoid(self.fc2(torch.relu(self.fc1(z))))
        return x * gate[:, :, None, None]
