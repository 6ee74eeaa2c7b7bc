"""uses 1x1 convolutions on a pooled 1 x 1 image

A 1x1 convolution on an image of one pixel is a linear layer over the channels, and its weight (out, in, 1, 1) holds
the same numbers. This is how torchvision writes the block.
"""

from torch import Tensor, nn


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(channels // reduction, 1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, hidden, 1)
        self.relu = nn.ReLU(inplace=True)  # safe: it overwrites the hidden layer, not the input
        self.fc2 = nn.Conv2d(hidden, channels, 1)
        self.gate = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        return self.gate(self.fc2(self.relu(self.fc1(self.pool(x))))) * x
