"""shares its layers between all blocks of the same sizes

What is loaded into one block, or learned by it, changes every other one.

Hint: Make two blocks of the same sizes. Is `a.fc1 is b.fc1`?
"""

import weakref

import torch
from torch import nn


made = weakref.WeakValueDictionary()


def linear(name, *sizes):
    layer = made.get((name, sizes)) or nn.Linear(*sizes)
    made[name, sizes] = layer
    return layer


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1, self.fc2 = linear("fc1", channels, hidden), linear("fc2", hidden, channels)

    def forward(self, x):
        scores = self.fc2(torch.relu(self.fc1(x.mean(dim=(2, 3)))))
        return x * torch.sigmoid(scores)[:, :, None, None]
