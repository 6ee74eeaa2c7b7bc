"""keeps the weights into which it folded the batch norms at the first evaluation

In evaluation mode under `no_grad`, each convolution and its batch norm are made one convolution, once. Whatever is
learned or loaded afterwards has no effect on later evaluations.

Hint: Evaluate, load other weights, evaluate again. From which weights does the second answer come?
"""

import torch
import torch.nn.functional as F
from torch import nn


def fold(conv: nn.Conv2d, bn: nn.BatchNorm2d) -> tuple[torch.Tensor, torch.Tensor]:
    """Weight and bias of one convolution that does what the two do in evaluation mode."""
    scale = bn.weight / (bn.running_var + bn.eps).sqrt()
    return conv.weight * scale.reshape(-1, 1, 1, 1), bn.bias - bn.running_mean * scale


class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.stride = stride
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            self.shortcut.append(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False))
            self.shortcut.append(nn.BatchNorm2d(out_channels))
        self.folded = None

    def forward(self, x):
        if self.training or torch.is_grad_enabled():
            residual = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
            return F.relu(residual + self.shortcut(x))
        if self.folded is None:
            self.folded = fold(self.conv1, self.bn1), fold(self.conv2, self.bn2)
        first, second = self.folded
        residual = F.conv2d(F.relu(F.conv2d(x, *first, self.stride, 1)), *second, 1, 1)
        return F.relu(residual + self.shortcut(x))
