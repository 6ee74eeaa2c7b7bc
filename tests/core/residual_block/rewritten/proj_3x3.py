from torch import nn
from torch.nn.functional import relu


class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()

        def conv3(c_in, c_out, s):
            return nn.Conv2d(c_in, c_out, kernel_size=3, stride=s, padding=1, bias=False)

        needs_projection = not (stride == 1 and in_channels == out_channels)
        self.shortcut = nn.Sequential(
            *([conv3(in_channels, out_channels, stride), nn.BatchNorm2d(out_channels)] if needs_projection else [])
        )
        self.conv1, self.conv2 = conv3(in_channels, out_channels, stride), conv3(out_channels, out_channels, 1)
        self.bn1, self.bn2 = nn.BatchNorm2d(out_channels), nn.BatchNorm2d(out_channels)

    def forward(self, x):
        branch = self.bn2(self.conv2(relu(self.bn1(self.conv1(x)))))
        return relu(self.shortcut(x) + branch)
