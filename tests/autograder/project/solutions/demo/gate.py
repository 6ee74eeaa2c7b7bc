"""A gate for each feature: y = x * sigmoid(fc(x))."""

import torch
from torch import Tensor, nn


class Gate(nn.Module):
    """(N, D) -> (N, D)."""

    def __init__(self, size: int) -> None:
        super().__init__()
        # BEGIN SOLUTION
        self.fc = nn.Linear(size, size)
        # END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        # BEGIN SOLUTION
        return x * torch.sigmoid(self.fc(x))
        # END SOLUTION
