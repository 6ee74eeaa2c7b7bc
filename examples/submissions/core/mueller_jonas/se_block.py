# Squeeze and Excitation, Jonas Müller

from torch import nn


class SEBlock(nn.Module):

    def __init__(self, channels, reduction=16):
        super().__init__()
        bottleneck = max(channels // reduction, 1)
        # 1x1 convolutions so that no reshaping is needed
        self.fc1 = nn.Conv2d(channels, bottleneck, kernel_size=1)
        self.fc2 = nn.Conv2d(bottleneck, channels, kernel_size=1)

    def forward(self, x):
        z = x.mean((2, 3), keepdim=True)
        return x * self.fc2(self.fc1(z).relu()).sigmoid()
