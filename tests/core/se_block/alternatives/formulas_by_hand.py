"""writes mean, ReLU and sigmoid out as formulas

The mean is a sum over a count, the ReLU is multiplication by a mask, and the sigmoid is (1 + tanh(t / 2)) / 2, which
is the same function and does not overflow.
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
        n, c, height, width = x.shape
        z = x.reshape(n, c, -1).sum(dim=-1) / (height * width)
        h = z @ self.fc1.weight.T + self.fc1.bias
        h = h * (h > 0).to(h.dtype)
        t = h @ self.fc2.weight.T + self.fc2.bias
        gate = (1 + torch.tanh(t / 2)) / 2
        return gate.reshape(n, c, 1, 1) * x
