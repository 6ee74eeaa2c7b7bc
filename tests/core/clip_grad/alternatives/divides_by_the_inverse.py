"""divides by (total_norm + 1e-6) / max_norm, limited to at least 1

Right: dividing by max(1, a) is multiplying by min(1, 1 / a). Infinite and NaN norms give the same results: x / inf is 0
for a finite x, inf / inf is NaN.
"""

import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if not isinstance(parameters, torch.Tensor):
        parameters = tuple(parameters)
    else:
        parameters = (parameters,)
    with_grad = [p for p in parameters if p.grad is not None]
    if len(with_grad) == 0:
        return torch.tensor(0.0)
    norms = torch.stack([torch.linalg.vector_norm(p.grad.flatten(), norm_type) for p in with_grad])
    total_norm = torch.linalg.vector_norm(norms, norm_type)
    divisor = torch.clamp((total_norm + 1e-6) / max_norm, min=1.0)
    for p in with_grad:
        p.grad /= divisor
    return total_norm


def clip_grad_value(parameters, clip_value):
    parameters = (parameters,) if isinstance(parameters, torch.Tensor) else parameters
    for p in parameters:
        if p.grad is not None:
            torch.maximum(p.grad, torch.full_like(p.grad, -clip_value), out=p.grad)
            torch.minimum(p.grad, torch.full_like(p.grad, clip_value), out=p.grad)
