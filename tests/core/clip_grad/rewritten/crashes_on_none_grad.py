import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
    grads = [p.grad for p in parameters]
    if grads == []:
        return torch.tensor(0.0)
    total = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g, norm_type) for g in grads]), norm_type)
    coef = max_norm / (total + 1e-6)
    coef = torch.where(coef > 1, torch.ones_like(coef), coef)
    for g in grads:
        g.mul_(coef)
    return total


def clip_grad_value(parameters, clip_value):
    for p in [parameters] if isinstance(parameters, torch.Tensor) else parameters:
        if p.grad is None:
            continue
        p.grad.clamp_(-clip_value, clip_value)
