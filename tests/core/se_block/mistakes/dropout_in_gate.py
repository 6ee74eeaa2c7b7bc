"""applies dropout to the hidden layer while training

Nothing in the paper's block is random. While training, two calls with the same image give different gates; in
evaluation the block looks right.

Hint: Call the block twice in training mode with the same input.
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
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        s = F.adaptive_avg_pool2d(x, 1).flatten(1)
        s = self.dropout(F.relu(self.fc1(s)))
        s = torch.sigmoid(self.fc2(s))
        return x * s[:, :, None, None]
