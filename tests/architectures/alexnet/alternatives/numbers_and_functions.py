"""gives the eight layers their numbers, and does everything else by functions

Nothing but the eight layers has parameters.
"""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import nn


class AlexNet(nn.Module):
    def __init__(self, num_classes=1000, dropout=0.5):
        super().__init__()
        self.features = nn.Sequential(
            OrderedDict(
                [
                    ("0", nn.Conv2d(3, 64, 11, 4, 2)),
                    ("3", nn.Conv2d(64, 192, 5, 1, 2)),
                    ("6", nn.Conv2d(192, 384, 3, 1, 1)),
                    ("8", nn.Conv2d(384, 256, 3, 1, 1)),
                    ("10", nn.Conv2d(256, 256, 3, 1, 1)),
                ]
            )
        )
        self.classifier = nn.Sequential()
        for number, (inputs, outputs) in {1: (9216, 4096), 4: (4096, 4096), 6: (4096, num_classes)}.items():
            self.classifier.add_module(str(number), nn.Linear(inputs, outputs))
        self.rate = dropout

    def forward(self, x):
        for number, conv in enumerate(self.features):
            x = torch.relu(conv(x))
            if number in (0, 1, 4):
                x = F.max_pool2d(x, 3, 2)
        x = F.adaptive_avg_pool2d(x, 6).reshape(x.shape[0], -1)
        first, second, last = self.classifier
        x = first(F.dropout(x, self.rate, self.training)).clamp(min=0)
        x = second(F.dropout(x, self.rate, self.training)).clamp(min=0)
        return last(x)
