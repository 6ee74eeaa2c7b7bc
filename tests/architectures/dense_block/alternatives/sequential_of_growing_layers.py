"""lets each layer return its input with the new maps behind it

Then the block is an ordinary nn.Sequential. The in-place ReLU writes into the fresh result of the normalisation,
which nobody else holds.
"""

from torch import cat, nn


class Layer(nn.Module):
    def __init__(self, c, k):
        super().__init__()
        self.conv = nn.Conv2d(c, k, (3, 3), padding="same", bias=False)
        self.norm = nn.BatchNorm2d(c)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        return cat((x, self.conv(self.act(self.norm(x)))), dim=-3)


class DenseBlock(nn.Module):
    def __init__(self, in_channels, growth_rate, num_layers):
        super().__init__()
        widths = range(in_channels, in_channels + num_layers * growth_rate, growth_rate)
        self.layers = nn.Sequential(*[Layer(c, growth_rate) for c in widths])

    def forward(self, x):
        return self.layers(x)
