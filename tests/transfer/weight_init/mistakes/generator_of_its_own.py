"""draws from a generator of its own

torch.manual_seed has no effect on it: a run cannot be repeated, nor begun otherwise, by the seed that the caller sets.

Hint: Set torch's seed, draw, set the same seed and draw once more. Are the weights the same?
"""

import math

import torch
from torch import nn


GENERATOR = torch.Generator()


def fans(weight):
    if weight.ndim < 2:
        raise ValueError("fans need two dimensions or more")
    places = weight[0][0].numel()
    return weight.size(1) * places, weight.size(0) * places


@torch.no_grad()
def kaiming_normal_(weight):
    fan_in, _ = fans(weight)
    return weight.normal_(0.0, math.sqrt(2.0 / fan_in), generator=GENERATOR)


@torch.no_grad()
def xavier_uniform_(weight, gain=1.0):
    fan_in, fan_out = fans(weight)
    bound = gain * math.sqrt(6.0 / (fan_in + fan_out))
    return weight.uniform_(-bound, bound, generator=GENERATOR)


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
