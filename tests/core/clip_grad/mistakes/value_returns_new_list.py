"""returns clipped copies from clip_grad_value and leaves p.grad as it is

The optimiser reads p.grad, which has not changed. The list of clipped copies is lost as soon as the caller
does not look at it.

Hint: The annotation says that nothing comes back. So where must the effect be?
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
    clip_coef = torch.clamp(max_norm / (total_norm + 1e-6), max=1.0)
    for g in grads:
        g.mul_(clip_coef)
    return total_norm


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    return [p.grad.clamp(-clip_value, clip_value) for p in parameters if p.grad is not None]
