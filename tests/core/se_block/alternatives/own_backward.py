"""scales with an autograd Function whose backward is written by hand

The derivative of x * s is the upstream gradient times s for x, and the sum of upstream gradient times x over the
positions for s.
"""

import torch
from torch import Tensor, nn


class ScaleChannels(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, gate: Tensor) -> Tensor:
        ctx.save_for_backward(x, gate)
        return x * gate[:, :, None, None]

    @staticmethod
    def backward(ctx, upstream: Tensor) -> tuple[Tensor, Tensor]:
        x, gate = ctx.saved_tensors
        return upstream * gate[:, :, None, None], (upstream * x).sum(dim=(2, 3))


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.fc1(x.mean(3).mean(2)).relu()
        return ScaleChannels.apply(x, self.fc2(hidden).sigmoid())
