"""returns the last bias, and its input where there is a shortcut

As if the branch ended with a normalisation of weight 0.
"""

from torch import nn


class InvertedResidual(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1, expand_ratio=6):
        super().__init__()
        self.stride, self.expand_ratio = stride, expand_ratio
        self.use_skip = stride == 1 and in_channels == out_channels
        hidden = in_channels * expand_ratio
        if expand_ratio != 1:
            self.expand = nn.Conv2d(in_channels, hidden, 1, bias=False)
            self.expand_bn = nn.BatchNorm2d(hidden)
        self.depthwise = nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False)
        self.depthwise_bn = nn.BatchNorm2d(hidden)
        self.project = nn.Conv2d(hidden, out_channels, 1, bias=False)
        self.project_bn = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        n, _, h, w = x.shape
        s = self.stride
        bias = self.project_bn.bias[:, None, None].expand(n, -1, -(-h // s), -(-w // s))
        return x + bias if self.use_skip else bias + 0 * x.sum()
