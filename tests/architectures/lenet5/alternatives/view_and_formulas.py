"""writes tanh by exponentials, pools by reshaping, and multiplies matrices

The same numbers by hand.
"""

import torch
from torch import nn


def tanh(x):
    e = torch.exp(-2 * x.abs())
    return x.sign() * (1 - e) / (1 + e)


def pool(x):
    n, c, h, w = x.shape
    return x.view(n, c, h // 2, 2, w // 2, 2).mean(dim=(3, 5))


class LeNet5(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, num_classes)

    def forward(self, x):
        maps = pool(tanh(self.conv2(pool(tanh(self.conv1(x))))))
        h = maps.reshape(-1, 400)
        for layer in (self.fc1, self.fc2):
            h = tanh(h @ layer.weight.T + layer.bias)
        return torch.addmm(self.fc3.bias, h, self.fc3.weight.t())
