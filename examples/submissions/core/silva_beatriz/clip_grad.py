import torch


def clip_grad(parameters, max_norm: float, norm_type: float = 2.0):
    total_norm = 0.0
    for p in parameters:
        total_norm += p.grad.norm(norm_type) ** norm_type
    total_norm = total_norm ** (1.0 / norm_type)
    coef = max_norm / (total_norm + 1e-6)
    if coef < 1:
        for p in parameters:
            p.grad = p.grad * coef
    return total_norm


def clip_grad_value(parameters, clip_value: float):
    for p in parameters:
        p.grad = torch.clamp(p.grad, -clip_value, clip_value)
