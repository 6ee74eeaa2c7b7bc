import torch


def with_gradient(parameters):
    parameters = [parameters] if isinstance(parameters, torch.Tensor) else parameters
    return [p for p in parameters if p.grad is not None]


@torch.no_grad()
def clip_grad(parameters, max_norm, norm_type=2.0):
    parameters = with_gradient(parameters)
    if not parameters:
        return torch.tensor(0.0)
    norms = torch.stack([torch.norm(p.grad, norm_type) for p in parameters])
    total = norms.amax()
    factor = torch.clamp(max_norm / (total + 1e-6), max=1.0)
    for p in parameters:
        p.grad.mul_(factor)
    return total


@torch.no_grad()
def clip_grad_value(parameters, clip_value):
    for p in with_gradient(parameters):
        p.grad.clamp_(-clip_value, clip_value)
