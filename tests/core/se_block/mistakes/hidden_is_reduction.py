"""uses `reduction` itself as the width of the hidden layer

`reduction` is a divisor, here it is taken for the width. Both agree when channels = reduction squared (256 and 16),
and nowhere else.

Hint: What is the hidden width for 64 channels and reduction 16: 16, or 64 / 16?
"""

import torch
from torch import Tensor, nn


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, reduction)
        self.fc2 = nn.Linear(reduction, channels)

    def forward(self, x: Tensor) -> Tensor:
        b, c, _, _ = x.shape
        y = x.mean(dim=(2, 3))
        y = torch.relu(self.fc1(y))
        y = torch.sigmoid(self.fc2(y))
        return x * y.view(b, c, 1, 1)
