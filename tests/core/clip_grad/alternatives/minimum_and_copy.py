"""torch.minimum for the limit, and p.grad.copy_ for the effect, under the no_grad decorator

Right: torch.minimum hands NaN on. copy_ writes into the same tensor object. A product of the sign and a limited absolute
value is the same as clamping.
"""

import torch


@torch.no_grad()
def clip_grad(parameters, max_norm, norm_type=2.0):
    parameters = [parameters] if torch.is_tensor(parameters) else [*parameters]
    grads = [p.grad for p in parameters if p.grad is not None]
    if grads == []:
        return torch.tensor(0.0)
    total_norm = torch.linalg.vector_norm(torch.hstack([g.ravel() for g in grads]), norm_type)
    coef = torch.minimum(max_norm / (total_norm + 1e-6), torch.ones_like(total_norm))
    for p in parameters:
        if p.grad is not None:
            p.grad.copy_(p.grad * coef)
    return total_norm


@torch.no_grad()
def clip_grad_value(parameters, clip_value):
    parameters = [parameters] if torch.is_tensor(parameters) else [*parameters]
    limit = torch.tensor(float(clip_value))
    for p in parameters:
        if p.grad is not None:
            p.grad.copy_(p.grad.sign() * torch.minimum(p.grad.abs(), limit.to(p.grad.dtype)))
