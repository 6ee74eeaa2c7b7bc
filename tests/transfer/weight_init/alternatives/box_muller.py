"""makes normal numbers from uniform ones

The cosine of a random angle times the root of -2 log u is normal.
"""

import math

import torch
from torch import nn

def fans(weight):
    if weight.ndim < 2:
        raise ValueError("fans need two dimensions or more")
    places = weight[0][0].numel()
    return weight.size(1) * places, weight.size(0) * places


def kaiming_normal_(weight):
    with torch.no_grad():
        u = 1 - torch.rand(weight.shape, dtype=torch.float64)
        angle = 2 * math.pi * torch.rand(weight.shape, dtype=torch.float64)
        z = (-2 * u.log()).sqrt() * angle.cos()
        weight[...] = (z * math.sqrt(2 / fans(weight)[0])).to(weight)
    return weight


def xavier_uniform_(weight, gain=1.0):
    with torch.no_grad():
        weight.uniform_().mul_(2).sub_(1).mul_(gain * math.sqrt(6.0 / sum(fans(weight))))
    return weight


LAYERS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear)
NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm)


@torch.no_grad()
def init_model(model):
    for m in model.modules():
        bias = getattr(m, "bias", None)
        if isinstance(m, LAYERS):
            kaiming_normal_(m.weight)
            if bias is not None:
                bias.zero_()
        elif isinstance(m, NORMS):
            if m.weight is not None:
                m.weight.fill_(1.0)
            if bias is not None:
                bias.zero_()
    return model
