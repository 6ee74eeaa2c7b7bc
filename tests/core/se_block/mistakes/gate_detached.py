"""detaches the gate, so that its two layers never learn

The output is right but no gradient flows through the gate: the weights of both layers keep their random initial
values, and the input's gradient lacks its second part.

Hint: After `backward`, look at the gradient of the first layer's weight. Is anything cutting the graph?
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
        return x * gate.detach().view(b, c, 1, 1)
