"""measures each branch's output under a skip, and fits the line with lstsq

The gradient of a sum is that of each summand, so the branch has the gradient of a[l + 1].
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
    points = [a]
    for block in blocks:
        branch = block(a)
        points.append(branch)
        a = a + branch if skip else branch
    grads = torch.autograd.grad(a, points, grad_outputs=torch.ones_like(a))
    return torch.tensor([float(torch.linalg.norm(grad.flatten())) for grad in grads], dtype=x.dtype)


def half_life(norms: Tensor) -> float:
    if norms.numel() < 2:
        return math.inf
    tiny = torch.finfo(norms.dtype).tiny
    y = torch.log2(torch.where(norms == 0, torch.full_like(norms, tiny), norms))
    t = torch.arange(norms.numel(), dtype=norms.dtype)
    columns = torch.stack([t, torch.ones_like(t)], dim=1)
    slope = torch.linalg.lstsq(columns, y[:, None]).solution[0, 0]
    slope = slope.item()
    if slope > 1e-9:
        return 1 / slope
    return math.inf
