import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    tensors = [parameters] if isinstance(parameters, torch.Tensor) else [*parameters]
    grads = [t.grad for t in tensors if t.grad is not None]
    if not grads:
        return torch.zeros(())
    per_tensor = torch.stack([torch.linalg.vector_norm(g, ord=norm_type) for g in grads])
    total = torch.linalg.vector_norm(per_tensor, ord=norm_type)
    if not total + 1e-6 <= max_norm:
        grads = [torch.mul(g, max_norm / (total + 1e-6)) for g in grads]
    return total


def clip_grad_value(parameters, clip_value):
    tensors = [parameters] if isinstance(parameters, torch.Tensor) else [*parameters]
    for t in tensors:
        if t.grad is not None:
            t.grad.clamp_(-clip_value, +clip_value)
