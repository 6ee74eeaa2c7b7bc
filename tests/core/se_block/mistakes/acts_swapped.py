"""swaps the two activations: sigmoid inside, ReLU on the gate

The hidden layer is squashed and the gate is not: it has no upper limit, and every channel whose score is negative is
switched off for good.

Hint: Which of the two activations has to answer with a number between 0 and 1?
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
        s = torch.relu(self.fc2(torch.sigmoid(self.fc1(z))))
        return x * s.view(b, c, 1, 1)
