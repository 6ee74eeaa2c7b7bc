import torch


def to_list(parameters):
    if isinstance(parameters, torch.Tensor):
        return [parameters]
    return list(parameters)


def clip_grad(parameters, max_norm, norm_type=2.0):
    grads = []
    for p in to_list(parameters):
        if p.grad is not None:
            grads.append(p.grad)
    if len(grads) == 0:
        return torch.tensor(0.0)
    with torch.no_grad():
        flat = torch.cat([g.reshape(-1) for g in grads])
        if norm_type == float("inf"):
            total_norm = flat.abs().max()
        else:
            total_norm = flat.abs().pow(norm_type).sum().pow(1.0 / norm_type)
        coef = torch.clamp(max_norm / (total_norm + 1e-6), max=1.0)
        for g in grads:
            g.mul_(coef)
    return total_norm


def clip_grad_value(parameters, clip_value):
    with torch.no_grad():
        for p in to_list(parameters):
            if p.grad is not None:
                p.grad.clamp_(-clip_value, clip_value)
