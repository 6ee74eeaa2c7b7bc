import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    grads = [p.grad for p in ([parameters] if torch.is_tensor(parameters) else parameters) if p.grad is not None]
    if len(grads) < 1:
        return torch.tensor(0.0)
    powers = None
    for g in grads:
        if norm_type == float("inf"):
            part = g.abs().max()
            powers = part if powers is None else torch.maximum(powers, part)
        else:
            part = g.abs().pow(norm_type).sum()
            powers = part if powers is None else powers + part
    total = powers if norm_type == float("inf") else powers.pow(1 / norm_type)
    unit = max_norm / (total + 1e-6)
    torch._foreach_mul_(grads, unit)
    return total


def clip_grad_value(parameters, clip_value):
    grads = [p.grad for p in ([parameters] if torch.is_tensor(parameters) else parameters) if p.grad is not None]
    for g in grads:
        g.clamp_(-clip_value, clip_value)
