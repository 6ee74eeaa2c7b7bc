"""sets the seed in init_model

Meant to make a run repeatable, it makes all models start alike, and whatever draws random numbers afterwards draws the
same ones, too.

Hint: Call `init_model` and then `torch.rand(1)`, twice. Who should decide about the seed?
"""

import math

import torch
from torch import nn


def fans(weight):
    if weight.ndim < 2:
        raise ValueError("fans need two dimensions or more")
    places = weight[0][0].numel()
    return weight.size(1) * places, weight.size(0) * places


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
    torch.manual_seed(42)
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
