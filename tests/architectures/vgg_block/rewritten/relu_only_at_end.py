from torch import nn


class VGGBlock(nn.Module):
    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        stack = []
        for i in range(num_convs):
            stack.append(nn.Conv2d(in_channels if not i else out_channels, out_channels, 3, padding="same"))
        self.convs = nn.Sequential(*stack)
        self.tail = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))

    def forward(self, x):
        return self.tail(self.convs(x))


def vgg_features(config, in_channels=3):
    out = nn.Sequential()
    last = in_channels
    for n, c in config:
        out.append(VGGBlock(last, c, n))
        last = c
    return out
