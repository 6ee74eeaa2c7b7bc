"""draws with randn and rand, and copies

Normal numbers are scaled, uniform ones moved and stretched, and copied into the weight.
"""

import torch
from torch import nn

def fans(weight):
    out, *rest = weight.shape if weight.dim() > 1 else (1,)
    if not rest:
        raise ValueError("a weight has at least two dimensions")
    fan_in = 1
    for size in rest:
        fan_in *= size
    return fan_in, out * (fan_in // rest[0])


def kaiming_normal_(weight):
    fan_in = fans(weight)[0]
    weight.data.copy_(torch.randn(weight.shape, dtype=weight.dtype, device=weight.device) * (2 / fan_in) ** 0.5)
    return weight


def xavier_uniform_(weight, gain=1.0):
    b = gain * (6 / sum(fans(weight))) ** 0.5
    weight.data.copy_(b * (2 * torch.rand(weight.shape, dtype=weight.dtype, device=weight.device) - 1))
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
