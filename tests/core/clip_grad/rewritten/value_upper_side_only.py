import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    parameters = [p for p in parameters if p.grad is not None]
    if not parameters:
        return torch.tensor(0.0)
    total = torch.stack([torch.linalg.vector_norm(p.grad, norm_type) for p in parameters])
    total = torch.linalg.vector_norm(total, norm_type)
    coef = (max_norm / (total + 1e-6)).clamp(max=1)
    for p in parameters:
        p.grad.mul_(coef)
    return total


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is None:
            continue
        too_large = p.grad > clip_value
        p.grad.masked_fill_(too_large, clip_value)
