"""the 2-norm from dot products, the others from sums and maxima, and _foreach_mul_ for the scaling

Right: the root of the sum of g . g is the 2-norm. torch._foreach_mul_ works in place on every tensor of the list (only
torch._foreach_norm is not allowed). hardtanh_ is clamp_ by another name.
"""

import math

import torch
import torch.nn.functional as F


def clip_grad(parameters, max_norm, norm_type=2.0):
    params = [parameters] if isinstance(parameters, torch.Tensor) else parameters
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return torch.tensor(0.0)
    if norm_type == 2:
        total_norm = torch.stack([torch.dot(g.flatten(), g.flatten()) for g in grads]).sum().sqrt()
    elif norm_type == 1:
        total_norm = torch.stack([g.abs().sum() for g in grads]).sum()
    elif norm_type == math.inf:
        total_norm = torch.stack([g.abs().amax() for g in grads]).amax()
    else:
        total_norm = torch.stack([(g.abs() ** norm_type).sum() for g in grads]).sum() ** (1.0 / norm_type)
    coef = torch.clip(max_norm / (total_norm + 1e-6), None, 1.0)
    torch._foreach_mul_(grads, coef)
    return total_norm


def clip_grad_value(parameters, clip_value):
    params = [parameters] if isinstance(parameters, torch.Tensor) else parameters
    for p in params:
        if p.grad is not None:
            F.hardtanh_(p.grad, min_val=-clip_value, max_val=clip_value)
