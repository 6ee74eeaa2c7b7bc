"""computes the gate in float32 where the input is of half precision

The product of a bfloat16 image and a float32 gate is of float32, which the next layer refuses.

Hint: In which dtype does the output come when input and weights are of bfloat16?
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
        z = x.mean(dim=(2, 3))
        s = self.fc2(F.relu(self.fc1(z)))
        s = torch.sigmoid(s.float() if s.dtype in (torch.float16, torch.bfloat16) else s)
        return x * s[:, :, None, None]
