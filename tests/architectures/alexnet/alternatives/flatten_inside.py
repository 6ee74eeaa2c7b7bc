"""puts adaptive pooling and flattening into the classifier, and dropout before it is flattened

Dropout looks at each number by itself, whatever the shape; poolings may come before a ReLU.
"""

from torch import nn


class AlexNet(nn.Module):
    def __init__(self, num_classes: int = 1000, dropout: float = 0.5, in_channels: int = 3):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, 64, kernel_size=11, stride=4, padding=2),
            nn.MaxPool2d(3, stride=2),
            nn.ReLU(),
            nn.Conv2d(64, 192, kernel_size=5, padding="same"),
            nn.MaxPool2d(3, stride=2),
            nn.ReLU(),
            nn.Conv2d(192, 384, kernel_size=3, padding="same"),
            nn.ReLU(),
            nn.Conv2d(384, 256, kernel_size=3, padding="same"),
            nn.ReLU(),
            nn.Conv2d(256, 256, kernel_size=3, padding="same"),
            nn.MaxPool2d(3, stride=2),
            nn.ReLU(),
        )
        self.classifier = nn.Sequential(
            nn.Sequential(nn.AdaptiveAvgPool2d(6), nn.Dropout(p=dropout), nn.Flatten()),
            nn.Linear(9216, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, num_classes),
        )

    def forward(self, x):
        return self.classifier(self.features(x))
