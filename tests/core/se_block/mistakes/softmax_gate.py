"""uses a softmax over the channels as the gate

The gates of one image add up to 1, so channels compete: to open one gate the block has to close others, and with many
channels every gate is tiny.

Hint: The paper wants several channels to be open at the same time. Which function looks at each channel's score by
itself?
"""

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
        b, c, _, _ = x.shape
        z = x.mean(dim=(2, 3))
        scores = self.fc2(torch.relu(self.fc1(z)))
        gate = F.softmax(scores, dim=1)
        return x * gate.view(b, c, 1, 1)
