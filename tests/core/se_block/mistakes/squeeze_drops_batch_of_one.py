"""fails on a batch of one image, because `squeeze()` removes the batch axis, too

`squeeze()` without arguments drops every axis of length 1. With two or more images that is height and width; with one
image the batch axis goes as well, and the gate no longer fits.

Hint: Print the shape after each line for a batch of one image. Name the axes that you want to drop.
"""

from torch import Tensor, nn


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x: Tensor) -> Tensor:
        s = self.pool(x).squeeze()
        s = self.fc2(self.fc1(s).relu()).sigmoid()
        return x * s[:, :, None, None]
