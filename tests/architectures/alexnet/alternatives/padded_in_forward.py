"""pads maps in forward instead of in the convolutions, and names its own parts besides

A layer's padding may be done before it.
"""

import torch
import torch.nn.functional as F
from torch import nn


class Padded(nn.Conv2d):
    """A convolution that keeps height and width."""

    def __init__(self, inputs, outputs, kernel):
        super().__init__(inputs, outputs, kernel, padding=kernel // 2)


class AlexNet(nn.Module):
    def __init__(self, num_classes=1000, dropout=0.5):
        super().__init__()
        pool, relu = nn.MaxPool2d(3, 2), nn.ReLU()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, 4, 2), relu, pool, Padded(64, 192, 5), relu, pool, Padded(192, 384, 3), relu,
            Padded(384, 256, 3), relu, Padded(256, 256, 3), relu, pool,
        )
        drop = nn.Dropout(dropout)
        self.classifier = nn.Sequential(
            drop, nn.Linear(9216, 4096), relu, drop, nn.Linear(4096, 4096), relu, nn.Linear(4096, num_classes)
        )

    def forward(self, x):
        maps = self.features(x)
        if maps.shape[2:] != (6, 6):
            maps = F.adaptive_avg_pool2d(maps, 6)
        vectors = torch.stack([image.flatten() for image in maps])
        return self.classifier(vectors)
