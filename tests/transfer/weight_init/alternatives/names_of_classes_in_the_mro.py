"""goes by the names of all classes that a layer derives from

Each kind has a function of its own.
"""

import math

import torch

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


def layer(m):
    kaiming_normal_(m.weight)
    if m.bias is not None:
        m.bias.data.zero_()


def norm(m):
    if m.weight is not None:
        m.weight.data = m.weight.data.fill_(1.0)
    if getattr(m, "bias", None) is not None:
        m.bias.data.mul_(0)


KINDS = {
    **dict.fromkeys(("Conv1d", "Conv2d", "Conv3d", "Linear"), layer),
    **dict.fromkeys(("_NormBase", "GroupNorm", "LayerNorm", "RMSNorm"), norm),
}


def init_model(model):
    for m in model.modules():
        for base in type(m).__mro__:
            if base.__name__ in KINDS:
                KINDS[base.__name__](m)
                break
    return model
