"""uses the power formula for the infinity norm

Raising to the power infinity and taking the root 1 / infinity gives 1 (or NaN), not the largest absolute
value. All other p are right.

Hint: The infinity norm is a limit, and has a formula of its own.
"""

import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    grads = [p.grad for p in parameters if p.grad is not None]
    if len(grads) == 0:
        return torch.tensor(0.0)
    total_norm = sum(g.abs().pow(norm_type).sum() for g in grads) ** (1.0 / norm_type)
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
