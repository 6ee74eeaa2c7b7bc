"""the older idiom: torch.norm on .data, and p.grad.data.mul_

Right: torch.norm with a p and no dim flattens, unlike torch.linalg.norm. `.data` shares its storage with the gradient,
so p.grad stays the same object and gets the new values. min(coef, 1.0) with the coefficient first keeps a NaN.
"""

import torch
from torch import Tensor


def clip_grad(parameters, max_norm: float, norm_type: float = 2.0) -> Tensor:
    if isinstance(parameters, Tensor):
        parameters = [parameters]
    parameters = list(filter(lambda p: p.grad is not None, parameters))
    if not parameters:
        return torch.zeros(())
    norms = [p.grad.data.norm(norm_type) for p in parameters]
    total_norm = torch.stack(norms).norm(norm_type)
    coef = min(max_norm / (total_norm + 1e-6), 1.0)
    for p in parameters:
        p.grad.data.mul_(coef)
    return total_norm


def clip_grad_value(parameters, clip_value: float) -> None:
    if isinstance(parameters, Tensor):
        parameters = [parameters]
    for p in filter(lambda p: p.grad is not None, parameters):
        p.grad.data.clamp_(min=-clip_value, max=clip_value)
