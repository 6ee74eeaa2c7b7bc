"""flattens height and width with `view`

That works as long as the rows of an image lie one after another in memory. A transposed tensor or a crop cannot be viewed
like that, and the call raises.

Hint: `view` never copies. Which method gives the same shape, and copies where it must?
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
        n, c, h, w = x.shape
        flat = x.view(n, c, h * w)
        gate = torch.sigmoid(self.fc2(torch.relu(self.fc1(flat.mean(dim=2)))))
        return (flat * gate[:, :, None]).view(n, c, h, w)
