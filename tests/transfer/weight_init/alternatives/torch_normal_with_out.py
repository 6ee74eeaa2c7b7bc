"""lets torch.normal write into the weight

With a detached view of the weight as `out`, or drawn flat and viewed.
"""

import math

import torch
from torch import nn

def fans(weight):
    if len(weight.shape) in (0, 1):
        raise ValueError("no fans")
    return weight.shape[1:].numel(), weight.shape[0] * weight.shape[2:].numel()


def kaiming_normal_(weight):
    std = (2 / fans(weight)[0]) ** 0.5
    values = torch.normal(0.0, std, tuple(weight.shape), dtype=weight.dtype)
    weight.detach().copy_(values)
    return weight


def xavier_uniform_(weight, gain=1.0):
    total = fans(weight)[0] + fans(weight)[1]
    spread = torch.distributions.Uniform(-1.0, 1.0).sample(weight.shape)
    weight.detach().copy_(spread * gain * math.sqrt(6 / total))
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
