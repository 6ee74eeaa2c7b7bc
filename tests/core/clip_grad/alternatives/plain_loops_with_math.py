"""plain Python loops over numbers, with the math module

Right: Python's floats are float64, and the few operations are the formula itself. `if coef > 1` keeps a NaN, and so does
min or max with the NaN as first argument. Only the final values go back into p.grad, in place.
"""

import math

import torch


def as_list(parameters):
    return [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)


def total_norm_of(numbers, p):
    numbers = [abs(x) for x in numbers]
    if p == math.inf:
        largest = 0.0
        for x in numbers:
            if math.isnan(x):
                return math.nan
            largest = max(largest, x)
        return largest
    return sum(x**p for x in numbers) ** (1 / p)


def clip_grad(parameters, max_norm, norm_type=2.0):
    numbers, dtype = [], torch.float32
    parameters = as_list(parameters)
    for p in parameters:
        if p.grad is not None:
            numbers += p.grad.flatten().tolist()
            dtype = p.grad.dtype
    total_norm = total_norm_of(numbers, norm_type)
    coef = max_norm / (total_norm + 1e-6)
    if coef > 1:
        coef = 1.0
    for p in parameters:
        if p.grad is not None:
            scaled = [x * coef for x in p.grad.flatten().tolist()]
            p.grad.copy_(torch.tensor(scaled, dtype=p.grad.dtype).reshape(p.grad.shape))
    return torch.tensor(total_norm, dtype=dtype)


def clip_grad_value(parameters, clip_value):
    for p in as_list(parameters):
        if p.grad is None:
            continue
        clipped = [max(min(x, clip_value), -clip_value) for x in p.grad.flatten().tolist()]
        p.grad.copy_(torch.tensor(clipped, dtype=p.grad.dtype).reshape(p.grad.shape))
