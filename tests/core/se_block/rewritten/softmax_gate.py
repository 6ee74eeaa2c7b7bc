import torch
from torch import nn


class Excite(nn.Linear):
    """Second layer with its activation in it."""

    def forward(self, h):
        logits = super().forward(h)
        e = torch.exp(logits - logits.amax(dim=1, keepdim=True))
        return e / e.sum(dim=1, keepdim=True)


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, self.hidden)
        self.fc2 = Excite(self.hidden, channels)

    def forward(self, x):
        n, c = x.size(0), x.size(1)
        gate = self.fc2(self.fc1(x.reshape(n, c, -1).mean(-1)).relu())
        return x * gate.reshape(n, c, 1, 1)
