"""drops numbers behind the back of autograd

The zeros are written into `x.data`, so gradients go back to what was dropped as well, as if it had taken part.

Hint: Which gradient belongs to a unit that was dropped, and which one does autograd give it when it knows nothing of that?
"""

import torch
from torch import nn


class Dropout(nn.Dropout):
    def forward(self, x):
        if self.training:
            x = x / (1 - self.p) if self.p < 1 else x + 0
            x.data[torch.rand_like(x) < self.p] = 0
        return x


class AlexNet(nn.Module):
    def __init__(self, num_classes=1000, dropout=0.5):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(64, 192, 5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(192, 384, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2),
        )
        self.drop = Dropout(dropout)
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(256 * 6 * 6, 4096),
            nn.ReLU(inplace=True),
            Dropout(dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, num_classes),
        )

    def forward(self, x):
        return self.classifier(self.drop(self.avgpool(self.features(x))))
