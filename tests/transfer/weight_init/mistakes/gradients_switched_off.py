"""switches gradients off for good

torch.set_grad_enabled(False) holds until somebody switches them on again: after the start values, nothing trains.

Hint: What is the grad mode after your function has returned? What does a with statement do at its end?
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
    fan_in, _ = fans(weight)
    torch.set_grad_enabled(False)
    return weight.normal_(0.0, math.sqrt(2.0 / fan_in))


def xavier_uniform_(weight, gain=1.0):
    fan_in, fan_out = fans(weight)
    bound = gain * math.sqrt(6.0 / (fan_in + fan_out))
    torch.set_grad_enabled(False)
    return weight.uniform_(-bound, bound)


LAYERS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear)
NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm)


def init_model(model):
    torch.set_grad_enabled(False)
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
