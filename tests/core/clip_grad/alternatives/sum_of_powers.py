"""the power formula tensor by tensor, with an early return when the coefficient is at least 1

Right: the sum over tensors of the sums of powers is the sum over all elements. The infinity norm has its own branch. The
comparison is made on the coefficient, not on the norm, and is false for NaN, which is therefore applied. Not touching
small gradients is the same as multiplying them by 1.
"""

import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = (parameters,)
    grads = []
    for p in parameters:
        if p.grad is not None:
            grads.append(p.grad)
    if len(grads) == 0:
        return torch.tensor(0.0)

    if norm_type == float("inf"):
        total_norm = torch.stack([g.abs().max() for g in grads]).max()
    else:
        total_norm = sum(g.abs().pow(norm_type).sum() for g in grads).pow(1 / norm_type)

    coef = max_norm / (total_norm + 1e-6)
    if coef >= 1:
        return total_norm
    for g in grads:
        g *= coef
    return total_norm


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = (parameters,)
    for p in parameters:
        if p.grad is not None:
            p.grad[p.grad > clip_value] = clip_value
            p.grad[p.grad < -clip_value] = -clip_value
