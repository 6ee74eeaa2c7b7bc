"""clears the gradients of its parameters at the beginning of forward

What an earlier loss left in `.grad` is gone, so the gradients of two losses, or of the parts of a large batch, do not
add up.

Hint: Who decides when gradients are set back to zero, a layer or the training loop?
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
        if self.training:
            self.zero_grad()
        hidden = torch.relu(self.fc1(x.mean(dim=(2, 3))))
        return x * torch.sigmoid(self.fc2(hidden))[:, :, None, None]
