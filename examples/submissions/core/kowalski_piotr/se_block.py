import torch
import torch.nn as nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        h = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, h)
        self.fc2 = nn.Linear(h, channels)

    def forward(self, x):
        s = x.mean(3).mean(2)
        s = self.fc2(self.fc1(s).clamp(min=0)).sigmoid()
        return s[:, :, None, None] * x
