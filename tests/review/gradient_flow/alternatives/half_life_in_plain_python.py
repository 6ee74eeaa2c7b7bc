"""computes the half-life with Python's own numbers

A list of logarithms and the textbook's sums; the dtype is asked for the smallest number only.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def gradient_norms_over_time(cell, xs: Tensor, state) -> Tensor:
    is_tuple = isinstance(state, tuple)
    if is_tuple:
        state = tuple(tensor.detach().clone().requires_grad_() for tensor in state)
    else:
        state = state.detach().clone().requires_grad_()
    states = [state]
    for t in range(len(xs)):
        state = cell(xs[t], state)
        states.append(state)
    last = state[0] if is_tuple else state
    loss = last.sum()
    norms = []
    for state in states:
        total = torch.zeros_like(loss)
        for tensor in state if is_tuple else (state,):
            if tensor.requires_grad:
                (grad,) = torch.autograd.grad(loss, tensor, retain_graph=True, allow_unused=True)
                if grad is not None:
                    total = total + grad.pow(2).sum()
        norms.append(total.sqrt().detach())
    return torch.stack(norms)


def gradient_norms_over_depth(blocks, x: Tensor, skip: bool) -> Tensor:
    a = x.detach().clone().requires_grad_()
    activations = [a]
    for block in blocks:
        out = block(a)
        if skip:
            out = out + a
        a = out
        activations.append(a)
    loss = a.sum()
    grads = torch.autograd.grad(loss, activations)
    return torch.stack([grad.norm() for grad in grads])


def half_life(norms: Tensor) -> float:
    n = len(norms)
    smallest = torch.finfo(norms.dtype).tiny
    if n <= 1:
        return float("inf")
    logs = [math.log2(value if value != 0 else smallest) for value in norms.tolist()]
    sx, sy = n * (n - 1) / 2, sum(logs)
    sxx, sxy = sum(t * t for t in range(n)), sum(t * y for t, y in enumerate(logs))
    slope = (n * sxy - sx * sy) / (n * sxx - sx * sx)
    return 1.0 / slope if slope > 1e-9 else float("inf")
