"""takes a limit of 0 for no limit

`if max_norm:` is false for 0, and nothing is clipped. By the formula, a limit of 0 leaves nothing of the gradients.

Hint: What is the coefficient for max_norm = 0? Which numbers does `if` take for false?
"""

import torch


def with_gradients(parameters):
    parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
    return [p.grad for p in parameters if p.grad is not None]


@torch.no_grad()
def clip_grad(parameters, max_norm, norm_type=2.0):
    gradients = with_gradients(parameters)
    if not gradients:
        return torch.tensor(0.0)
    norms = torch.stack([torch.linalg.vector_norm(g, norm_type) for g in gradients])
    total_norm = torch.linalg.vector_norm(norms, norm_type)
    if max_norm:
        coef = torch.clamp(max_norm / (total_norm + 1e-6), max=1.0)
        for g in gradients:
            g.mul_(coef)
    return total_norm


@torch.no_grad()
def clip_grad_value(parameters, clip_value):
    for g in with_gradients(parameters) if clip_value else []:
        g.clamp_(-clip_value, clip_value)
