import math

import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    grads = [p.grad for p in parameters if p.grad is not None]
    if not grads:
        return torch.tensor(0.0)

    def p_norm(g):
        return g.abs().max() if math.isinf(norm_type) else g.abs().pow(norm_type).sum().pow(1 / norm_type)

    total_norm = torch.sqrt(sum(p_norm(g) ** 2 for g in grads))
    clip = max_norm / (total_norm + 1e-6)
    clip = torch.clamp(clip, max=1.0)
    for g in grads:
        g.mul_(clip)
    return total_norm


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            torch.clamp_(p.grad, -clip_value, clip_value)
