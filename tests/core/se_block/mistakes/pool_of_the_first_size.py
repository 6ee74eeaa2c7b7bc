"""makes its pooling layer at the first call, for images of that size

A larger image is averaged in part, a smaller one raises.

Hint: Call one block with images of two sizes, one after the other. From how many positions is each mean?
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
        self.pool = None

    def forward(self, x: Tensor) -> Tensor:
        if self.pool is None:
            self.pool = nn.AvgPool2d(kernel_size=x.shape[2:])
        z = self.pool(x)[:, :, 0, 0]
        s = torch.sigmoid(self.fc2(F.relu(self.fc1(z))))
        return x * s[:, :, None, None]
