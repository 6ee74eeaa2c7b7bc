"""leaves the gradients alone when their norm is NaN

Python's min(1.0, nan) is 1.0, because every comparison with NaN is false. NaN gradients are then not scaled,
so the finite elements stay and the damage hides.

Hint: Try min(1.0, float('nan')) and min(float('nan'), 1.0). Which torch function keeps a NaN?
"""

import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    grads = [p.grad for p in parameters if p.grad is not None]
    if len(grads) == 0:
        return torch.tensor(0.0)
    norms = torch.stack([torch.linalg.vector_norm(g, norm_type) for g in grads])
    total_norm = torch.linalg.vector_norm(norms, norm_type)
    clip_coef = min(1.0, max_norm / (total_norm + 1e-6))
    for g in grads:
        g.mul_(clip_coef)
    return total_norm


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            p.grad.clamp_(-clip_value, clip_value)
