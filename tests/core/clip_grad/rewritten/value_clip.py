import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    params = [parameters] if torch.is_tensor(parameters) else list(parameters)
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return torch.tensor(0.0)
    total = torch.linalg.vector_norm(torch.cat([g.flatten() for g in grads]), norm_type)
    for g in grads:
        g.copy_(g.clip(-max_norm, max_norm))
    return total


def clip_grad_value(parameters, clip_value):
    params = [parameters] if torch.is_tensor(parameters) else list(parameters)
    for p in params:
        if p.grad is not None:
            p.grad.copy_(p.grad.clip(-clip_value, clip_value))
