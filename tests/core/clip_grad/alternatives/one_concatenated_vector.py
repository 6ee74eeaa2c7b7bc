"""one long vector of all gradients, and torch.where for both kinds of clipping

Right: the norm is defined on that vector. `coef > 1` is false for NaN, so torch.where keeps a NaN coefficient.
"""

import torch


def _gradients(parameters):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    return [p.grad for p in parameters if p.grad is not None]


def clip_grad(parameters, max_norm, norm_type=2.0):
    grads = _gradients(parameters)
    if not grads:
        return torch.tensor(0.0)
    vector = torch.cat([g.reshape(-1) for g in grads])
    total_norm = torch.linalg.vector_norm(vector, ord=norm_type)
    coef = max_norm / (total_norm + 1e-6)
    coef = torch.where(coef > 1.0, torch.ones_like(coef), coef)
    for g in grads:
        g.mul_(coef)
    return total_norm


def clip_grad_value(parameters, clip_value):
    for g in _gradients(parameters):
        too_large, too_small = g > clip_value, g < -clip_value
        g.copy_(torch.where(too_large, clip_value, torch.where(too_small, -clip_value, g)))
