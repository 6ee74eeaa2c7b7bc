"""draws every weight of two dimensions or more

Embeddings, bilinear layers and parameters of the model's own were to stay.

Hint: Go by the kind of the layer, not by the shape of its weight.
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


NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm)


@torch.no_grad()
def init_model(model):
    for m in model.modules():
        weight, bias = getattr(m, "weight", None), getattr(m, "bias", None)
        if isinstance(m, NORMS):
            if weight is not None:
                weight.fill_(1)
            if bias is not None:
                bias.zero_()
        elif weight is not None and weight.dim() >= 2:
            kaiming_normal_(weight)
            if bias is not None:
                bias.zero_()
    return model
