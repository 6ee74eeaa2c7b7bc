import torch
import torch.nn as nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.ratio = 1 / reduction
        self.fc1 = nn.Linear(channels, int(channels * self.ratio))
        self.fc2 = nn.Linear(self.fc1.out_features, channels)

    def forward(self, x):
        out = nn.functional.adaptive_avg_pool2d(x, (1, 1)).squeeze(3).squeeze(2)
        out = torch.matmul(out, self.fc1.weight.t()).add(self.fc1.bias).relu()
        out = torch.matmul(out, self.fc2.weight.t()).add(self.fc2.bias).sigmoid()
        return x * out[..., None, None]
