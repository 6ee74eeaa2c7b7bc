"""One slip in each function.

Behaves as: per_tensor, value_upper_side_only
"""

import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    parameters = [p for p in parameters if p.grad is not None]
    if not parameters:
        return torch.tensor(0.0)
    norms = [torch.linalg.vector_norm(p.grad, norm_type) for p in parameters]
    for p, norm in zip(parameters, norms):
        p.grad.mul_((max_norm / (norm + 1e-6)).clamp(max=1.0))
    return torch.linalg.vector_norm(torch.stack(norms), norm_type)


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            p.grad.clamp_(max=clip_value)
