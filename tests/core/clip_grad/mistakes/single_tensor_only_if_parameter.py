"""recognises a single tensor only if it is an nn.Parameter

Another tensor that trains is taken for an iterable: its rows have no gradient, so nothing is clipped.

Hint: Pass one tensor with requires_grad=True that is no nn.Parameter. Over what does your loop run?
"""

import torch
from torch import Tensor, nn


def gradients(parameters):
    if isinstance(parameters, nn.Parameter):
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
