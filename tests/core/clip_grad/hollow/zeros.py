"""sets every gradient to zero, in place

So no norm is too large and no element.
"""

import torch


def zero(parameters):
    for p in [parameters] if isinstance(parameters, torch.Tensor) else parameters:
        if p.grad is not None:
            p.grad.zero_()


def clip_grad(parameters, max_norm, norm_type=2.0):
    zero(parameters)
    return torch.tensor(0.0)


def clip_grad_value(parameters, clip_value):
    zero(parameters)
