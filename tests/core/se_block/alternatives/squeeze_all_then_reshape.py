"""drops all axes of length 1 and restores the two that matter with a reshape

`squeeze()` also removes the batch axis when there is one image, and the channel axis when there is one channel. The
reshape to (N, C) puts them back before the layers see the means.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x: Tensor) -> Tensor:
        n, c = x.shape[:2]
        s = F.adaptive_avg_pool2d(x, 1).squeeze().reshape(n, c)
        s = F.sigmoid(self.fc2(F.relu(self.fc1(s))))
        return x * s.reshape(n, c, 1, 1)
