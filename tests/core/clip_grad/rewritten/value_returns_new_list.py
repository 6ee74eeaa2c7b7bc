import torch


def norm_of(tensors, p):
    flat = torch.cat([t.reshape(-1) for t in tensors])
    return torch.linalg.vector_norm(flat, p)


def clip_grad(parameters, max_norm, norm_type=2.0):
    parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
    grads = [p.grad for p in parameters if p.grad is not None]
    if not grads:
        return torch.tensor(0.0)
    total = norm_of(grads, norm_type)
    for g in grads:
        g.div_(torch.clamp((total + 1e-6) / max_norm, min=1.0))
    return total


def clip_grad_value(parameters, clip_value):
    parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
    return [p.grad.clamp(-clip_value, clip_value) for p in parameters if p.grad is not None]
