# Gradient clipping, Jonas Müller

import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if torch.is_tensor(parameters):
        parameters = [parameters]
    grads = [p.grad.detach() for p in parameters if p.grad is not None]
    if not grads:
        return torch.tensor(0.0)
    total_norm = torch.linalg.vector_norm(torch.cat([g.flatten() for g in grads]), norm_type)
    scale = torch.clamp_max(max_norm / (total_norm + 1e-6), 1.0)
    for g in grads:
        g.mul_(scale)
    return total_norm


def clip_grad_value(parameters, clip_value):
    if torch.is_tensor(parameters):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            p.grad.detach().clamp_(-clip_value, clip_value)
