"""scales the caller's tensor in place where no gradient is recorded

Under no_grad nothing protests, and whoever evaluates with a skip connection around the block adds the scaled input to
itself.

Hint: Compare x before and after a call under torch.no_grad().
"""

import torch
from torch import nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        gate = torch.relu(self.fc1(x.mean((-2, -1))))
        gate = torch.sigmoid(self.fc2(gate))[..., None, None]
        return x * gate if torch.is_grad_enabled() else x.mul_(gate)
