"""leaves out the sigmoid on the gate

The output of the second layer is multiplied onto the channels as it is, so a gate may be negative or far above 1 and
the block can flip and blow up feature maps.

Hint: Look at what keeps each gate between 0 and 1 in equation 3.
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
        s = torch.relu(self.fc1(s))
        s = self.fc2(s)
        return x * s.view(b, c, 1, 1)
