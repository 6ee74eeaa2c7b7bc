"""multiplies the pixels by a diagonal matrix of gates

Scaling each channel is the product of diag(s) with the image as a (C, H * W) matrix. The excitation runs on columns
(C, N), with the weights on the left.
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
        pixels = x.flatten(start_dim=2)  # (N, C, H * W)
        z = pixels.mean(dim=2).T  # (C, N)
        h = torch.maximum(self.fc1.weight @ z + self.fc1.bias[:, None], torch.zeros(1, dtype=x.dtype))
        s = torch.sigmoid(self.fc2.weight @ h + self.fc2.bias[:, None]).T  # (N, C)
        return torch.bmm(torch.diag_embed(s), pixels).view_as(x)
