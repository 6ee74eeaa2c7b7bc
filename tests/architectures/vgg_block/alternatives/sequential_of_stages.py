"""keeps the layers in a Sequential, and pools before the last ReLU

The largest of a window is the same before and after a function that never falls, and so is its gradient.
"""

from torch import nn


class VGGBlock(nn.Module):
    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        self.convs = nn.Sequential()
        for index in range(num_convs):
            self.convs.append(nn.Conv2d(in_channels if index == 0 else out_channels, out_channels, 3, 1, "same"))
        self.activation = nn.ReLU()
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        for index, conv in enumerate(self.convs):
            x = conv(self.activation(x) if index else x)
        return self.activation(self.pool(x))


def vgg_features(config, in_channels=3):
    widths = [in_channels] + [width for _, width in config]
    return nn.Sequential(*(VGGBlock(widths[i], width, depth) for i, (depth, width) in enumerate(config)))
