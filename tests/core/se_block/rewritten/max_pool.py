import torch
from torch import nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        width = channels // reduction
        if width < 1:
            width = 1
        self.fc1 = nn.Linear(channels, width)
        self.fc2 = nn.Linear(width, channels)

    def forward(self, x):
        z, _ = x.flatten(start_dim=2).max(dim=2)
        hidden = torch.clamp_min(z @ self.fc1.weight.T + self.fc1.bias, 0)
        logits = hidden @ self.fc2.weight.T + self.fc2.bias
        gate = torch.special.expit(logits)
        return (x.permute(2, 3, 0, 1) * gate).permute(2, 3, 0, 1)
