import torch
from torch import nn
import torch.nn.functional as F


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16):
        super().__init__()
        self.fc1 = nn.Linear(channels, max(1, channels // reduction))
        self.fc2 = nn.Linear(self.fc1.out_features, channels)

    def forward(self, x):
        w = F.adaptive_avg_pool2d(x, 1).squeeze()
        w = torch.sigmoid(self.fc2(F.relu(self.fc1(w))))
        return x * w.view(x.shape[0], x.shape[1], 1, 1)
