"""gives biases and norms new numbers in torch's default dtype

`bias.data = torch.zeros(...)` is float32, whatever the model is. In a float64 model, the next forward raises.

Hint: Call `model.double()`, then `init_model`, and look at the dtypes. What does `zero_` keep that a new tensor does not have?
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
    for m in model.modules():
        bias = getattr(m, "bias", None)
        if isinstance(m, LAYERS):
            kaiming_normal_(m.weight)
            if bias is not None:
                bias.data = torch.zeros(bias.shape)
        elif isinstance(m, NORMS):
            if m.weight is not None:
                m.weight.data = torch.ones(m.weight.shape)
            if bias is not None:
                bias.data = torch.zeros(bias.shape)
    return model
