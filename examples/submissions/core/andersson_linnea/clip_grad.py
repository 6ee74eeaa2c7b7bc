"""Gradient clipping by total norm and by value."""

import torch
from torch import Tensor


def gradients(parameters) -> list[Tensor]:
    """All gradients that are there. `parameters` may be one tensor or anything that can be iterated over."""
    if isinstance(parameters, Tensor):
        parameters = [parameters]
    return [p.grad for p in parameters if p.grad is not None]


@torch.no_grad()
def clip_grad(parameters, max_norm: float, norm_type: float = 2.0) -> Tensor:
    grads = gradients(parameters)
    if not grads:
        return torch.tensor(0.0)
    per_tensor = torch.stack([torch.linalg.vector_norm(g, ord=norm_type) for g in grads])
    total_norm = torch.linalg.vector_norm(per_tensor, ord=norm_type)
    coefficient = (max_norm / (total_norm + 1e-6)).clamp(max=1.0)
    for g in grads:
        g *= coefficient
    return total_norm


@torch.no_grad()
def clip_grad_value(parameters, clip_value: float) -> None:
    for g in gradients(parameters):
        g.clamp_(min=-clip_value, max=clip_value)
