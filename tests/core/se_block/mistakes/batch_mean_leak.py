"""takes the mean over the batch as well, so that all images share one gate

The squeeze averages over images, too. What one image gets depends on the others in its batch, and a prediction
changes with the company that the image is in.

Hint: How many summaries should there be for a batch of N images with C channels? Check the shape right after the
mean.
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
        z = x.mean(dim=(0, 2, 3))  # one number per channel
        gate = torch.sigmoid(self.fc2(torch.relu(self.fc1(z))))
        return x * gate.view(1, -1, 1, 1)
