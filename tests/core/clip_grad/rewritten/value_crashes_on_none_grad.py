import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    grads = [p.grad for p in parameters if p.grad is not None]
    if not grads:
        return torch.tensor(0.0)
    norm = torch.linalg.vector_norm(torch.cat([g.flatten() for g in grads]), norm_type)
    ratio = max_norm / (norm + 1e-6)
    for g in grads:
        g *= ratio.clamp(max=1.0)
    return norm


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        p.grad[...] = torch.minimum(torch.maximum(p.grad, torch.tensor(-clip_value)), torch.tensor(clip_value))
