"""keeps the gates for the tensor that it saw last, whatever that holds now

Under `no_grad`, gates are computed anew for another tensor object only. The same tensor may hold another image by now,
and other weights may have been loaded.

Hint: Write another image into the same tensor, or load other weights, and call the block again.
"""

import torch
from torch import nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)
        self.seen = self.kept = None

    def forward(self, x):
        if torch.is_grad_enabled() or x is not self.seen:
            hidden = torch.relu(self.fc1(x.mean(dim=(2, 3))))
            gates = torch.sigmoid(self.fc2(hidden))[:, :, None, None]
            if torch.is_grad_enabled():
                return x * gates
            self.seen, self.kept = x, gates
        return x * self.kept
