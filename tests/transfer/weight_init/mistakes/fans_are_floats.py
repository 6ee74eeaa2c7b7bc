"""returns the fans as floats

They are numbers of things.

Hint: What is `type(fans(weight)[0])`?
"""

import math

import torch
from torch import nn

def fans(weight):
    if weight.dim() < 2:
        raise ValueError("too few dimensions")
    fan_in = weight.numel() / weight.shape[0]
    fan_out = weight.numel() / weight.shape[1]
    return fan_in, fan_out


@torch.no_grad()
def kaiming_normal_(weight):
    fan_in, _ = fans(weight)
    return weight.normal_(0.0, math.sqrt(2.0 / fan_in))


@torch.no_grad()
def xavier_uniform_(weight, gain=1.0):
    fan_in, fan_out = fans(weight)
    bound = gain * math.sqrt(6.0 / (fan_in + fan_out))
    return weight.uniform_(-bound, bound)


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
