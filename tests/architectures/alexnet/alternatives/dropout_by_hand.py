"""draws the dropped numbers itself, and builds features in a loop

A mask of random numbers, divided by what is kept.
"""

import torch
from torch import nn


class Drop(nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        if not self.training or self.rate == 0:
            return x
        if self.rate == 1:
            return torch.zeros_like(x) * x
        return x * (torch.rand_like(x) >= self.rate) / (1 - self.rate)


class AlexNet(nn.Module):
    def __init__(self, num_classes=1000, dropout=0.5):
        super().__init__()
        plan = [(64, 11, 4, 2), "pool", (192, 5, 1, 2), "pool", (384, 3, 1, 1), (256, 3, 1, 1), (256, 3, 1, 1), "pool"]
        layers, channels = [], 3
        for step in plan:
            if step == "pool":
                layers.append(nn.MaxPool2d(kernel_size=3, stride=2))
            else:
                width, kernel, stride, padding = step
                layers += [nn.Conv2d(channels, width, kernel, stride, padding), nn.ReLU(True)]
                channels = width
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            Drop(dropout),
            nn.Linear(9216, 4096),
            nn.ReLU(True),
            Drop(dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(True),
            nn.Linear(4096, num_classes),
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), start_dim=1))
