"""applies F.linear to parameters held by a module of its own

`Affine` makes the same two parameters, weight (out, in) and bias (out,), under the same names, so they load and learn
like those of nn.Linear.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Affine(nn.Module):
    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.weight = nn.Parameter(torch.randn(n_out, n_in) / n_in**0.5)


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1, self.fc2 = Affine(channels, hidden), Affine(hidden, channels)

    def forward(self, x: Tensor) -> Tensor:
        z = F.avg_pool2d(x, kernel_size=(x.size(2), x.size(3))).flatten(start_dim=1)
        h = F.threshold(F.linear(z, self.fc1.weight, self.fc1.bias), 0.0, 0.0)
        log_gate = F.logsigmoid(F.linear(h, self.fc2.weight, self.fc2.bias))
        return x * log_gate.exp()[..., None, None]
