"""scales the caller's tensor in place

`x *= gate` writes into the tensor that the caller still holds. A skip connection around the block then adds the gated
tensor, not the original one, and a leaf that needs a gradient makes torch raise an error.

Hint: Print the input before and after the call. Which operators make a new tensor, and which write into an old one?
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
        z = x.mean(dim=(2, 3))
        gate = torch.sigmoid(self.fc2(torch.relu(self.fc1(z))))
        x *= gate.view(b, c, 1, 1)
        return x
