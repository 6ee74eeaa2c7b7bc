"""takes the matrix norm of a gradient that is a matrix

torch.linalg.norm with an order treats a two-dimensional tensor as a matrix: 2 is its largest singular value
and 1 its largest column sum. Vectors come out right, convolution weights raise an error.

Hint: The norm is that of a vector, whatever the shape of the tensor. Which function of torch.linalg says so
by its name?
"""

import torch


def clip_grad(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    grads = [p.grad for p in parameters if p.grad is not None]
    if len(grads) == 0:
        return torch.tensor(0.0)
    norms = torch.stack([torch.linalg.norm(g, norm_type) for g in grads])
    total_norm = torch.linalg.norm(norms, norm_type)
    clip_coef = torch.clamp(max_norm / (total_norm + 1e-6), max=1.0)
    for g in grads:
        g.mul_(clip_coef)
    return total_norm


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            p.grad.clamp_(-clip_value, clip_value)
