from torch import nn


class LeNet5(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, num_classes)
        self.pool, self.tanh = nn.AvgPool2d(2, 2), nn.Tanh()

    def forward(self, x):
        x = self.tanh(self.pool(self.conv1(x)))
        x = self.tanh(self.pool(self.conv2(x)))
        x = x.view(x.size(0), 400)
        return self.fc3(self.tanh(self.fc2(self.tanh(self.fc1(x)))))
