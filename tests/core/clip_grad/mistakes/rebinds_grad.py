"""puts a new tensor into p.grad instead of changing it in place

The values are right, but p.grad is another tensor object. Whoever holds the old one (an optimiser's flat
buffer, a gradient bucket of distributed training) keeps the gradient that was not clipped.

Hint: Which name has the operation that multiplies a tensor in place?
"""

import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    parameters = [p for p in parameters if p.grad is not None]
    if len(parameters) == 0:
        return torch.tensor(0.0)
    norms = torch.stack([torch.linalg.vector_norm(p.grad, norm_type) for p in parameters])
    total_norm = torch.linalg.vector_norm(norms, norm_type)
    clip_coef = torch.clamp(max_norm / (total_norm + 1e-6), max=1.0)
    for p in parameters:
        p.grad = p.grad * clip_coef
    return total_norm


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            p.grad.clamp_(-clip_value, clip_value)
