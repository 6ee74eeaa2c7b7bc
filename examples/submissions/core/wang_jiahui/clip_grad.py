import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    params = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
    params = [p for p in params if p.grad is not None]
    if len(params) == 0:
        return torch.tensor(0.0)
    norms = [torch.linalg.vector_norm(p.grad, norm_type) for p in params]
    total = torch.linalg.vector_norm(torch.stack(norms), norm_type)
    coef = torch.minimum(max_norm / (total + 1e-6), torch.ones_like(total))
    for p in params:
        p.grad.copy_(p.grad * coef)
    return total


def clip_grad_value(parameters, clip_value):
    params = [parameters] if isinstance(parameters, torch.Tensor) else parameters
    for p in params:
        if p.grad is not None:
            p.grad.copy_(p.grad.clamp(-clip_value, clip_value))
