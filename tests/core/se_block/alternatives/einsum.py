"""writes every step as an einsum over the layers' weights

The mean, both matrix products and the scaling are sums over named axes. The layers only hold the parameters and are
never called.
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
        pixels = x.shape[2] * x.shape[3]
        z = torch.einsum("nchw->nc", x) / pixels
        hidden = torch.einsum("nc,kc->nk", z, self.fc1.weight) + self.fc1.bias
        scores = torch.einsum("nk,ck->nc", hidden.clamp(min=0), self.fc2.weight) + self.fc2.bias
        return torch.einsum("nchw,nc->nchw", x, scores.sigmoid())
