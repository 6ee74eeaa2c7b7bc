import torch as t


def clip_grad(parameters, max_norm, norm_type=2.0):
    ps = [parameters] if t.is_tensor(parameters) else list(parameters)
    gs = [p.grad for p in ps if p.grad is not None]
    if not gs:
        return t.tensor(0.0)
    total = t.linalg.vector_norm(t.stack([t.linalg.vector_norm(g, norm_type) for g in gs]), norm_type)
    k = max_norm / (total + 1e-6)
    for g in gs:
        g *= k
    return total


def clip_grad_value(parameters, clip_value):
    ps = [parameters] if t.is_tensor(parameters) else list(parameters)
    for p in ps:
        if p.grad is not None:
            p.grad.clamp_(-clip_value, clip_value)
