import math

import torch
from torch import nn


def fans(weight):
    if weight.dim() < 2:
        raise ValueError("a weight has two dimensions or more")
    places = weight[0][0].numel()
    return weight.shape[1] * places, weight.shape[0] * places


@torch.no_grad()
def kaiming_normal_(weight):
    fan_in, _ = fans(weight)
    weight.normal_()
    return weight.sub_(weight.mean()).div_(weight.std()).mul_(math.sqrt(2.0 / fan_in))


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
