import torch
from torch import nn
import torch.nn.functional as F


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16):
        super(SEBlock, self).__init__()
        self.fc1 = nn.Linear(channels, reduction)   # squeeze to 16
        self.fc2 = nn.Linear(reduction, channels)

    def forward(self, x):
        w = torch.mean(x, dim=[2, 3])
        w = F.relu(self.fc1(w))
        w = torch.sigmoid(self.fc2(w))
        w = w.unsqueeze(-1).unsqueeze(-1)
        return x * w
