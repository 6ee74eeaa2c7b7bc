"""makes a hidden layer of width 0 when there are fewer channels than the reduction

`channels // reduction` is 0 for few channels. Torch only warns; the gate is then a constant that depends on no image,
and the first layer never learns.

Hint: Print the size of the hidden layer of `SEBlock(8)`. The stub says how small it may get.
"""

import torch
from torch import Tensor, nn


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, channels // reduction)
        self.fc2 = nn.Linear(channels // reduction, channels)

    def forward(self, x: Tensor) -> Tensor:
        b, c, _, _ = x.shape
        s = x.mean(dim=(2, 3))
        s = torch.relu(self.fc1(s))
        s = torch.sigmoid(self.fc2(s))
        return x * s.view(b, c, 1, 1)
