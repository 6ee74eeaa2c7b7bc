import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    grads = []
    for p in parameters:
        if p.grad is not None:
            grads.append(p.grad)
    if not grads:
        return torch.tensor(0.0)
    total = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g, norm_type) for g in grads]), norm_type)
    coef = min(1.0, float(max_norm / (total + 1e-6))) if not total.isnan() else total
    for g in grads:
        g.mul_(coef)
    return total


def clip_grad_value(parameters, clip_value):
    params = [parameters] if torch.is_tensor(parameters) else parameters
    for p in params:
        if p.grad is not None:
            p.grad.clamp_(-clip_value, clip_value)
