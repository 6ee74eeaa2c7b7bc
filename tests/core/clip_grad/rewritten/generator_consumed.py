import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    norms = [p.grad.norm(norm_type) for p in parameters if p.grad is not None]
    if not norms:
        return torch.tensor(0.0)
    total_norm = torch.stack(norms).norm(norm_type)
    clip_coef = (max_norm / (total_norm + 1e-6)).clamp(max=1.0)
    for p in filter(lambda p: p.grad is not None, parameters):
        p.grad.detach().mul_(clip_coef)
    return total_norm


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in filter(lambda p: p.grad is not None, parameters):
        p.grad.detach().clamp_(-clip_value, clip_value)
