"""scales only when the norm itself is above max_norm

An early return on total_norm <= max_norm replaces the limit of 1 on the coefficient. With the 1e-6 in the
divisor the two differ when the norm is at most 1e-6 below max_norm: there the coefficient is already below 1.

Hint: The formula limits the coefficient, which has the 1e-6 in it, not the norm. Apply the limit to the
coefficient.
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
    if total_norm <= max_norm:
        return total_norm
    clip_coef = max_norm / (total_norm + 1e-6)
    for g in grads:
        g.mul_(clip_coef)
    return total_norm


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            p.grad.clamp_(-clip_value, clip_value)
