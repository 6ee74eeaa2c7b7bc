"""fills the whole tensor of which the weight is a part

A crop, a row or a transposed tensor is a view of another one, its `_base`. Where several layers lie in one tensor, all of
them are drawn anew, with the deviation of the last.

Hint: Fill `larger[1:4, 2:6]` and look at `larger`. Which numbers were yours to change?
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
    whole = weight if weight._base is None else weight._base
    whole.normal_(0.0, math.sqrt(2.0 / fan_in))
    return weight


@torch.no_grad()
def xavier_uniform_(weight, gain=1.0):
    fan_in, fan_out = fans(weight)
    bound = gain * math.sqrt(6.0 / (fan_in + fan_out))
    whole = weight if weight._base is None else weight._base
    whole.uniform_(-bound, bound)
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
