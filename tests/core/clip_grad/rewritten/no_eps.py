import torch
from torch import Tensor


def gradients(parameters):
    for p in [parameters] if isinstance(parameters, Tensor) else parameters:
        if p.grad is not None:
            yield p.grad.data


def clip_grad(parameters, max_norm: float, norm_type: float = 2.0) -> Tensor:
    grads = list(gradients(parameters))
    if not grads:
        return torch.tensor(0.0)
    flat = torch.cat([g.reshape(-1) for g in grads]).abs()
    if norm_type == float("inf"):
        total = flat.max()
    else:
        total = (flat**norm_type).sum() ** (1.0 / norm_type)
    coef = max_norm / total
    if not coef > 1:
        for g in grads:
            g.copy_(g * coef)
    return total


def clip_grad_value(parameters, clip_value: float) -> None:
    for g in gradients(parameters):
        g.copy_(torch.clip(g, -clip_value, clip_value))
