import torch
from torch import nn, Tensor


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x: Tensor) -> Tensor:
        z = torch.einsum("nchw->nc", x) / (x.shape[2] * x.shape[3])
        s = torch.sigmoid(self.fc2(torch.relu(self.fc1(z))))
        return torch.einsum("nchw,nc->nchw", x, s)
