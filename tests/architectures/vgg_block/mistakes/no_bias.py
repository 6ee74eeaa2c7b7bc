"""switches the biases of the convolutions off

That is usual before batch normalisation, of which VGG has none.

Costs more: the reference's biases do not fit into any block.

Hint: Count the parameters of a block: each convolution has a weight and one more.
"""

import torch.nn.functional as F
from torch import nn


class VGGBlock(nn.Module):
    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        self.convs = nn.ModuleList()
        for _ in range(num_convs):
            self.convs.append(nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1, bias=False))
            in_channels = out_channels

    def forward(self, x):
        for conv in self.convs:
            x = F.relu(conv(x))
        return F.max_pool2d(x, 2)


def vgg_features(config, in_channels=3):
    blocks = []
    for num_convs, out_channels in config:
        blocks.append(VGGBlock(in_channels, out_channels, num_convs))
        in_channels = out_channels
    return nn.Sequential(*blocks)
