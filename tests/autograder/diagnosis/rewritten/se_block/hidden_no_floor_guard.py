import torch.nn as nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, channels // reduction, 1)
        self.fc2 = nn.Conv2d(channels // reduction, channels, 1)

    def forward(self, x):
        out = nn.functional.adaptive_avg_pool2d(x, (1, 1))
        out = self.fc1(out).relu()
        out = self.fc2(out).sigmoid()
        return x * out
