"""builds the norm up parameter by parameter, and assigns through p.grad[...]

Right: the norm of (norm so far, norm of the next tensor) is the norm of both together, for every p. Assigning to
p.grad[...] writes into the tensor, also into one of shape (), and does not rebind p.grad.
"""

import functools

import torch


def only_with_grad(parameters):
    if isinstance(parameters, torch.Tensor):
        parameters = iter([parameters])
    return [p for p in parameters if p.grad is not None]


def clip_grad(parameters, max_norm, norm_type=2.0):
    parameters = only_with_grad(parameters)
    if not parameters:
        return torch.tensor(0.0)

    def add(norm, p):
        own = torch.linalg.vector_norm(p.grad, norm_type)
        return torch.linalg.vector_norm(torch.stack([norm, own]), norm_type)

    total_norm = functools.reduce(add, parameters, parameters[0].grad.new_zeros(()))
    coef = (max_norm / (total_norm + 1e-6)).clamp_max(1.0)
    for p in parameters:
        p.grad[...] = coef * p.grad
    return total_norm


def clip_grad_value(parameters, clip_value):
    for p in only_with_grad(parameters):
        p.grad.clamp_min_(-clip_value).clamp_max_(clip_value)
