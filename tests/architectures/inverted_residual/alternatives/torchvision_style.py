"""goes through a list of layers' names, with one in-place activation

The activation writes into results of normalisations only, which nobody else holds.
"""

import torch
from torch import nn


class InvertedResidual(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1, expand_ratio=6, norm_layer=None):
        super().__init__()
        norm_layer = norm_layer or nn.BatchNorm2d
        hidden = int(round(in_channels * expand_ratio))
        steps = []
        if expand_ratio > 1:
            self.expand, self.expand_bn = nn.Conv2d(in_channels, hidden, 1, bias=False), norm_layer(hidden)
            steps += ["expand", "expand_bn", None]
        self.depthwise = nn.Conv2d(hidden, hidden, 3, stride=stride, padding=1, groups=hidden, bias=False)
        self.depthwise_bn = norm_layer(hidden)
        self.project, self.project_bn = nn.Conv2d(hidden, out_channels, 1, bias=False), norm_layer(out_channels)
        self.steps = [*steps, "depthwise", "depthwise_bn", None, "project", "project_bn"]
        self.act = nn.ReLU6(inplace=True)
        self.use_res_connect = (stride, in_channels) == (1, out_channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = x
        for step in self.steps:
            out = self.act(out) if step is None else getattr(self, step)(out)
        return x.add(out) if self.use_res_connect else out
