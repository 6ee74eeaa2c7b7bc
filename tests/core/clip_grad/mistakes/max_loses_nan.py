"""takes the largest element with Python's max, which may lose a NaN

max keeps what it has unless the next one is larger, and nothing is larger or smaller than NaN: only a NaN in the first
gradient survives.

Hint: Try max(1.0, float("nan")) and max(float("nan"), 1.0). Which torch function keeps a NaN wherever it stands?
"""

import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    grads = [p.grad for p in parameters if p.grad is not None]
    if len(grads) == 0:
        return torch.tensor(0.0)
    norms = [torch.linalg.vector_norm(g, norm_type) for g in grads]
    if norm_type == float("inf"):
        total_norm = max(norms)
    else:
        total_norm = torch.linalg.vector_norm(torch.stack(norms), norm_type)
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
