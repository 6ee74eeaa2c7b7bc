"""switches gradients on in forward and leaves them on

Whoever has switched them off, to save memory, records graphs from then on.

Hint: What does torch.is_grad_enabled() say under no_grad, after your block has run?
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x: Tensor) -> Tensor:
        torch.set_grad_enabled(True)
        z = x.mean(dim=(2, 3))
        s = torch.sigmoid(self.fc2(F.relu(self.fc1(z))))
        return x * s[:, :, None, None]
