"""uses a sigmoid for both activations

The hidden layer goes through a sigmoid where the formula has a ReLU. Gates stay between 0 and 1, but they are other
gates, and the gradient has to pass two squashing functions.

Hint: Equation 3 has two different activations. Which one belongs between the layers?
"""

from torch import Tensor, nn


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        b, c, _, _ = x.shape
        y = x.mean(dim=(2, 3))
        y = self.sigmoid(self.fc1(y))
        y = self.sigmoid(self.fc2(y))
        return x * y.view(b, c, 1, 1)
