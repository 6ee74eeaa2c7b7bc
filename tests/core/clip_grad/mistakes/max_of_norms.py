"""takes the largest of the single norms as the total norm

The norm of the largest tensor stands in for the norm of all of them. That is right for the infinity norm
only: otherwise the total is too small, and too little is clipped.

Hint: Think of all gradients as one long vector. How does its norm follow from the norms of its pieces?
"""

import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    grads = [p.grad for p in parameters if p.grad is not None]
    if len(grads) == 0:
        return torch.tensor(0.0)
    total_norm = max(torch.linalg.vector_norm(g, norm_type) for g in grads)
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
