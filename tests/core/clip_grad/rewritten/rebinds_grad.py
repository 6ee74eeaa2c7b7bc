import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if torch.is_tensor(parameters):
        parameters = [parameters]
    parameters = [p for p in parameters if p.grad is not None]
    if not parameters:
        return torch.tensor(0.0)
    vector = torch.cat([p.grad.flatten() for p in parameters])
    total = torch.linalg.vector_norm(vector, norm_type)
    vector = vector * (max_norm / (total + 1e-6)).clamp(max=1)
    start = 0
    for p in parameters:
        p.grad = vector[start : start + p.numel()].view(p.shape)
        start += p.numel()
    return total


def clip_grad_value(parameters, clip_value):
    if torch.is_tensor(parameters):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            p.grad[p.grad > clip_value] = clip_value
            p.grad[p.grad < -clip_value] = -clip_value
