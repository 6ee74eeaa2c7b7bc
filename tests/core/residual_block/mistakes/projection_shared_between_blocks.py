"""shares its projection between all blocks of the same sizes

The factory remembers what it made, as long as some block has it. Loading, training or converting one block changes the shortcut of every other one.

Hint: Make two blocks of the same sizes. Is `a.shortcut is b.shortcut`?
"""

import weakref

import torch.nn.functional as F
from torch import nn


made = weakref.WeakValueDictionary()


def projection(*sizes):
    if sizes in made:
        return made[sizes]
    in_channels, out_channels, stride = sizes
    conv = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
    made[sizes] = layers = nn.Sequential(conv, nn.BatchNorm2d(out_channels))
    return layers


class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        fits = stride == 1 and in_channels == out_channels
        self.shortcut = nn.Identity() if fits else projection(in_channels, out_channels, stride)

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))
