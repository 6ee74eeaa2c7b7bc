"""pools with a window of height x height, as if images were square

`F.avg_pool2d(x, x.size(2))` is the mean of the whole image only if height and width agree. On a wide image it sees
the left part or gives several means, on a tall one it fails.

Hint: Try an image of 4 x 6 pixels. What does your pooling return?
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SEBlock(nn.Module):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Conv2d(channels, hidden, kernel_size=1)
        self.fc2 = nn.Conv2d(hidden, channels, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        w = F.avg_pool2d(x, x.size(2))
        w = F.relu(self.fc1(w))
        w = torch.sigmoid(self.fc2(w))
        return x * w
