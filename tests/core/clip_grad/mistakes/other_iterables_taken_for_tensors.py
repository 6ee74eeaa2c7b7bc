"""takes whatever is no list, tuple or generator for a single tensor

A set, the values of a dict or a deque raises, since none of them has a gradient.

Hint: Which one type has to be told from all others here?
"""

import types

import torch
from torch import Tensor, nn


def gradients(parameters):
    if not isinstance(parameters, (list, tuple, types.GeneratorType)):
        parameters = [parameters]
    return [p.grad for p in parameters if p.grad is not None]


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
