"""does not reduce: the hidden layer is as wide as the input

`reduction` is accepted and never used. The bottleneck of the paper is gone, and the two layers have `reduction` times
as many weights.

Hint: Where does `reduction` enter the size of the hidden layer?
"""

import torch
from torch import Tensor, nn


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, channels)
        self.fc2 = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        b, c, _, _ = x.shape
        s = x.mean(dim=(2, 3))
        s = torch.relu(self.fc1(s))
        s = torch.sigmoid(self.fc2(s))
        return x * s.view(b, c, 1, 1)
