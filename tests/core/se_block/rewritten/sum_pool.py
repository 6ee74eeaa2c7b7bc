import torch
import torch.nn.functional as F
from torch import nn


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.channels = channels
        r = channels // reduction or 1
        self.fc1, self.fc2 = nn.Linear(channels, r), nn.Linear(r, channels)
        for layer in (self.fc1, self.fc2):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def squeeze(self, x):
        return torch.stack([image.flatten(1) @ torch.ones(image[0].numel(), dtype=x.dtype) for image in x])

    def forward(self, x):
        hidden = F.relu(F.linear(self.squeeze(x), self.fc1.weight, self.fc1.bias))
        gate = 1 / (1 + torch.exp(-F.linear(hidden, self.fc2.weight, self.fc2.bias)))
        return gate[:, :, None, None] * x
