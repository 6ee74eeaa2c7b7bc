"""clips each gradient by its own norm

Every tensor is scaled with a coefficient of its own, so large gradients shrink more than small ones. The
direction of the whole gradient changes, and the total norm can still be above max_norm.

Hint: How many coefficients does the formula have? First finish the norm over all parameters, then scale.
"""

import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    grads = [p.grad for p in parameters if p.grad is not None]
    if len(grads) == 0:
        return torch.tensor(0.0)
    norms = []
    for g in grads:
        norm = torch.linalg.vector_norm(g, norm_type)
        g.mul_(torch.clamp(max_norm / (norm + 1e-6), max=1.0))
        norms.append(norm)
    return torch.linalg.vector_norm(torch.stack(norms), norm_type)


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            p.grad.clamp_(-clip_value, clip_value)
