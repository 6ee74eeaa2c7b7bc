import torch
import torch.nn.functional as F
from torch import nn


class AlexNet(nn.Module):
    def __init__(self, num_classes=1000, dropout=0.5):
        super().__init__()
        self.features = nn.Sequential()
        for n, conv in {
            "0": nn.Conv2d(3, 64, 11, 4, 2),
            "3": nn.Conv2d(64, 192, 5, 1, 2),
            "6": nn.Conv2d(192, 384, 3, 1, 1),
            "8": nn.Conv2d(384, 256, 3, 1, 1),
            "10": nn.Conv2d(256, 256, 3, 1, 1),
        }.items():
            self.features.add_module(n, conv)
        self.classifier = nn.Sequential()
        self.classifier.add_module("1", nn.Linear(9216, 4096))
        self.classifier.add_module("4", nn.Linear(4096, 4096))
        self.classifier.add_module("6", nn.Linear(4096, num_classes))
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        c1, c2, c3, c4, c5 = self.features
        x = F.max_pool2d(F.relu(c1(x)), kernel_size=2, stride=2)
        x = F.max_pool2d(F.relu(c2(x)), kernel_size=2, stride=2)
        x = F.relu(c5(F.relu(c4(F.relu(c3(x))))))
        x = F.adaptive_avg_pool2d(F.max_pool2d(x, kernel_size=2, stride=2), 6)
        f1, f2, f3 = self.classifier
        x = F.relu(f1(self.drop(torch.flatten(x, 1))))
        return f3(F.relu(f2(self.drop(x))))
