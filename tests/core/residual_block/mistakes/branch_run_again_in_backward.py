"""runs the branch a second time in the backward pass, which moves its running statistics twice

The branch is checkpointed to save memory: backward computes it again, batch norms in training mode included.

Hint: What changes in a batch norm whenever it is called in training mode? How often is yours called in one step?
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint


class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            self.shortcut.append(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False))
            self.shortcut.append(nn.BatchNorm2d(out_channels))

    def branch(self, x):
        return self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))

    def forward(self, x):
        if self.training and torch.is_grad_enabled():
            return F.relu(checkpoint(self.branch, x, use_reentrant=False) + self.shortcut(x))
        return F.relu(self.branch(x) + self.shortcut(x))
