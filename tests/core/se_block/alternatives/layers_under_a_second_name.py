"""registers its layers a second time, inside a Sequential

fc1 and fc2 keep their names; the Sequential holds the same two objects, so there is one set of weights under two names.
"""

from torch import Tensor, nn


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)
        self.gate = nn.Sequential(self.fc1, nn.ReLU(), self.fc2, nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        gate = self.gate(x.mean(dim=(2, 3)))
        return x * gate[:, :, None, None]
