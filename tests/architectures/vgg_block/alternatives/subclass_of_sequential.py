"""returns a class of its own that is a Sequential, and initialises as the authors of ResNet do

Weights are loaded before they are compared.
"""

from torch import nn
from torch.nn import functional as F


class VGGBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, num_convs: int, dilation: int = 1):
        super().__init__()
        self.num_convs = num_convs
        self.convs = nn.ModuleDict()
        for index in range(num_convs):
            inputs = in_channels if index == 0 else out_channels
            self.convs[str(index)] = nn.Conv2d(inputs, out_channels, 3, padding=dilation, dilation=dilation)
        for conv in self.convs.values():
            nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
            nn.init.zeros_(conv.bias)

    def forward(self, x):
        for index in range(self.num_convs):
            x = F.relu(self.convs[str(index)](x), inplace=True)
        return F.max_pool2d(x, kernel_size=2, stride=2)


class Features(nn.Sequential):
    def __init__(self, config, in_channels):
        super().__init__()
        for index, (num_convs, out_channels) in enumerate(config):
            self.add_module(f"{index}", VGGBlock(in_channels, out_channels, num_convs))
            in_channels = out_channels


def vgg_features(config, in_channels=3):
    return Features(config, in_channels)
