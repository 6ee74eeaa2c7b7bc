"""builds an nn.Sequential from its layers in every forward

The Sequential is made from modules that the block already owns, so no parameter is new and the state dict has only
the pinned names.
"""

from torch import Tensor, nn


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        squeezed_channels = max(1, channels // reduction)
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten())
        self.fc1 = nn.Linear(in_features=channels, out_features=squeezed_channels)
        self.fc2 = nn.Linear(in_features=squeezed_channels, out_features=channels)

    def excitation(self) -> nn.Sequential:
        return nn.Sequential(self.fc1, nn.ReLU(), self.fc2, nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        s = self.excitation()(self.squeeze(x))
        return x.mul(s.unsqueeze(2).unsqueeze(3))
