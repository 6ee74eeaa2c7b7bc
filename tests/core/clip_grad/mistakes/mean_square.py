"""takes the mean where the norm has a sum

The result is the root mean square (or its like for another p), which does not grow with the number of
elements. It is far below the norm, so far too little is clipped.

Hint: Compute the norm of (3, 4) by hand and compare.
"""

import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    grads = [p.grad for p in parameters if p.grad is not None]
    if len(grads) == 0:
        return torch.tensor(0.0)
    flat = torch.cat([g.flatten() for g in grads]).abs()
    if norm_type == float("inf"):
        total_norm = flat.max()
    else:
        total_norm = flat.pow(norm_type).mean().pow(1.0 / norm_type)
    clip_coef = torch.clamp(max_norm / (total_norm + 1e-6), max=1.0)
    for g in grads:
        g.mul_(clip_coef)
    return total_norm


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            p.grad.clamp_(-clip_value, clip_value)
