"""detaches the squeezed summary from the input

Output and weight gradients are right, but the layers before the block do not learn what their features do to the
gates: the input's gradient lacks the part that flows through the mean.

Hint: The input reaches the output on two ways. Does the gradient come back on both?
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
        b, c, _, _ = x.shape
        with torch.no_grad():
            z = x.mean(dim=(2, 3))  # pooling has no weights to train
        gate = torch.sigmoid(self.fc2(torch.relu(self.fc1(z))))
        return x * gate.view(b, c, 1, 1)
