"""computes convolutions from patches, and tanh from the sigmoid

tanh(x) is 2 sigmoid(2 x) - 1.
"""

import torch
from torch import nn


def tanh(x):
    return 2 * torch.sigmoid(2 * x) - 1


class Conv(nn.Conv2d):
    def forward(self, x):
        patches = x.unfold(2, 5, 1).unfold(3, 5, 1)
        return torch.einsum("nchwij,ocij->nohw", patches, self.weight) + self.bias.view(1, -1, 1, 1)


class LeNet5(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.conv1, self.conv2 = Conv(1, 6, 5), Conv(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, num_classes)

    def forward(self, x):
        for conv in (self.conv1, self.conv2):
            x = tanh(conv(x))
            x = (x[..., ::2, ::2] + x[..., 1::2, ::2] + x[..., ::2, 1::2] + x[..., 1::2, 1::2]) / 4
        x = torch.cat([x[:, c].reshape(x.shape[0], 25) for c in range(16)], dim=1)
        return self.fc3(tanh(self.fc2(tanh(self.fc1(x)))))
