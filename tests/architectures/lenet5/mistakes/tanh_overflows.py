"""writes tanh out with exponentials, which overflow for large numbers

For a beyond 355 in float64, and beyond 44 in float32, exp(2a) is infinite, and infinity by infinity is NaN.

Hint: What are both of your exponentials for a = 1000, and what is their quotient?
"""

import torch
import torch.nn.functional as F
from torch import nn


def tanh(a):
    return (torch.exp(2 * a) - 1) / (torch.exp(2 * a) + 1)


class LeNet5(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, num_classes)

    def forward(self, x):
        x = F.avg_pool2d(tanh(self.conv1(x)), 2)
        x = F.avg_pool2d(tanh(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        x = tanh(self.fc1(x))
        x = tanh(self.fc2(x))
        return self.fc3(x)
