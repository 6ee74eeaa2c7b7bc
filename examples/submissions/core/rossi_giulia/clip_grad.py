"""Esercizio 5: gradient clipping."""

import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    grads = [p.grad for p in parameters if p.grad is not None]
    if not grads:
        return torch.tensor(0.0)
    total_norm = torch.cat([g.flatten() for g in grads]).norm(norm_type)
    coef = torch.clamp(max_norm / (total_norm + 1e-6), max=1)
    for g in grads:
        g.mul_(coef)
    return total_norm


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            p.grad.clamp_(-clip_value, clip_value)
