"""makes the weight's dtype torch's default

torch.randn and torch.rand draw in the default dtype. After a call for a weight in half precision, whatever the program
makes later is in half precision, too.

Hint: Compare `torch.get_default_dtype()` before and after. Which argument of `torch.randn` says the dtype for one call alone?
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
    torch.set_default_dtype(weight.dtype)
    return weight.copy_(math.sqrt(2.0 / fan_in) * torch.randn(weight.shape))


@torch.no_grad()
def xavier_uniform_(weight, gain=1.0):
    fan_in, fan_out = fans(weight)
    bound = gain * math.sqrt(6.0 / (fan_in + fan_out))
    torch.set_default_dtype(weight.dtype)
    return weight.copy_(bound * (2.0 * torch.rand(weight.shape) - 1.0))


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
