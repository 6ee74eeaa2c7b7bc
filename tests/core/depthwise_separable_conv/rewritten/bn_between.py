from torch import nn


class DepthwiseSeparableConv(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.bn = nn.BatchNorm2d(in_channels)
        pad = kernel_size // 2
        self.depthwise = nn.Sequential(
            nn.ZeroPad2d(pad), nn.Conv2d(in_channels, in_channels, kernel_size, stride, groups=in_channels, bias=False)
        )[1]
        self.depthwise.padding = (pad, pad)

    def forward(self, x):
        return self.pointwise(self.bn(self.depthwise(x)))
