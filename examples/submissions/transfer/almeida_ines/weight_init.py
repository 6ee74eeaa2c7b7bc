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


def init_layer(m):
    if isinstance(m, (nn.modules.conv._ConvNd, nn.Linear)):
        kaiming_normal_(m.weight)
        if m.bias is not None:
            nn.Parameter.zero_(m.bias.data)
    elif isinstance(m, (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm)):
        for name, p in m.named_parameters(recurse=False):
            p.data.fill_(1 if name == "weight" else 0)


def init_model(model):
    return model.apply(init_layer)
