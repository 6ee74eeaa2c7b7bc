"""draws from torch.distributions

They take their numbers from torch's own generator, too. A `Uniform` of no width would be refused.
"""

import math

import torch
from torch import nn


def fans(weight):
    if weight.dim() < 2:
        raise ValueError("a weight has two dimensions or more")
    places = weight[0][0].numel()
    return weight.shape[1] * places, weight.shape[0] * places


def kaiming_normal_(weight):
    std = math.sqrt(2.0 / fans(weight)[0])
    weight.data.copy_(torch.distributions.Normal(0.0, std).sample(weight.shape))
    return weight


def xavier_uniform_(weight, gain=1.0):
    bound = torch.tensor(gain * math.sqrt(6.0 / sum(fans(weight))), dtype=torch.float64)
    weight.data.copy_(torch.distributions.Uniform(-bound, bound).sample(weight.shape))
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
