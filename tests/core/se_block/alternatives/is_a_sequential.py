"""is itself an nn.Sequential whose members carry the pinned names

The excitation is the Sequential's own forward, the block's forward adds squeeze and scale around it. The state dict
has the keys fc1 and fc2 and no others.
"""

from collections import OrderedDict

from torch import Tensor, nn


class SEBlock(nn.Sequential):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        hidden = channels // reduction or 1
        layers = [
            ("flatten", nn.Flatten()),
            ("fc1", nn.Linear(channels, hidden)),
            ("relu", nn.ReLU(inplace=True)),
            ("fc2", nn.Linear(hidden, channels)),
            ("sigmoid", nn.Sigmoid()),
            ("unflatten", nn.Unflatten(1, (channels, 1, 1))),
        ]
        super().__init__(OrderedDict(layers))

    def forward(self, x: Tensor) -> Tensor:
        return x * super().forward(x.mean(dim=(-1, -2), keepdim=True)).expand_as(x)
