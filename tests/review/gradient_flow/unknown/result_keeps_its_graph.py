"""returns norms that still have a graph

create_graph=True makes the gradients differentiable: the graph of all steps stays in memory as long as the numbers do.

Hint: What is create_graph for, and who needs it here?
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
                (grad,) = torch.autograd.grad(loss, tensor, create_graph=True, allow_unused=True)
                if grad is not None:
                    total = total + grad.pow(2).sum()
        norms.append(total.sqrt())
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
    grads = torch.autograd.grad(loss, activations, create_graph=True)
    return torch.stack([grad.norm() for grad in grads])


def half_life(norms: Tensor) -> float:
    if norms.numel() < 2:
        return math.inf
    tiny = torch.finfo(norms.dtype).tiny
    y = torch.log2(torch.where(norms == 0, torch.full_like(norms, tiny), norms))
    t = torch.arange(norms.numel(), dtype=norms.dtype)
    slope = ((t - t.mean()) * (y - y.mean())).sum() / ((t - t.mean()) ** 2).sum()
    slope = slope.item()
    if slope > 1e-9:
        return 1 / slope
    return math.inf
