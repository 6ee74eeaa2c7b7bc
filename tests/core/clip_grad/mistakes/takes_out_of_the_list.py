"""takes parameters without gradient out of the list that was passed

The caller who passes the list once more, after the next backward pass, never clips them again.

Hint: Print the length of the list before and after the call.
"""

import torch
from torch import Tensor, nn


def gradients(parameters):
    if isinstance(parameters, Tensor):
        parameters = [parameters]
    if not isinstance(parameters, list):
        parameters = list(parameters)
    for p in list(parameters):
        if p.grad is None:
            index = next(i for i, q in enumerate(parameters) if q is p)
            del parameters[index]
    return [p.grad for p in parameters]


@torch.no_grad()
def clip_grad(parameters, max_norm: float, norm_type: float = 2.0) -> Tensor:
    grads = gradients(parameters)
    if not grads:
        return torch.tensor(0.0)
    norms = torch.stack([torch.linalg.vector_norm(g, norm_type) for g in grads])
    total_norm = torch.linalg.vector_norm(norms, norm_type)
    coef = torch.clamp(max_norm / (total_norm + 1e-6), max=1.0)
    for g in grads:
        g.mul_(coef)
    return total_norm


@torch.no_grad()
def clip_grad_value(parameters, clip_value: float) -> None:
    for g in gradients(parameters):
        g.clamp_(-clip_value, clip_value)
