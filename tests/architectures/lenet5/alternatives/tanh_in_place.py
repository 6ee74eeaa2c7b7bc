"""activates in place, and takes 1x1 convolutions for the last two layers

What a layer gives is nobody else's, so it may be overwritten.
"""

from torch import nn


class LeNet5(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, kernel_size=5, stride=1, padding=0)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5, stride=1, padding="valid")
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Conv2d(120, 84, 1)
        self.fc3 = nn.Conv2d(84, num_classes, 1)

    def forward(self, x):
        x = nn.functional.avg_pool2d(self.conv1(x).tanh_(), 2)
        x = nn.functional.avg_pool2d(self.conv2(x).tanh_(), 2)
        x = self.fc1(x.reshape(len(x), 400)).tanh_()
        x = self.fc2(x[:, :, None, None]).tanh_()
        return self.fc3(x)[:, :, 0, 0]
