"""hangs a hook on every state, which notes the gradient as it passes

autograd.grad is asked for the given state and the parameters; all other states are on the way. Those that it does not
pass count as 0.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def gradient_norms_over_time(cell, xs: Tensor, state) -> Tensor:
    tensors = state if isinstance(state, tuple) else (state,)
    squares = [[] for _ in range(len(xs) + 1)]

    def watch(tensors, step):
        for tensor in tensors:
            if tensor.requires_grad:
                tensor.register_hook(lambda grad: squares[step].append(grad.detach().square().sum()))

    start = tuple(tensor.detach().clone().requires_grad_() for tensor in tensors)
    watch(start, 0)
    current = start
    for step, x in enumerate(xs, start=1):
        new = cell(x, current if isinstance(state, tuple) else current[0])
        current = new if isinstance(new, tuple) else (new,)
        watch(current, step)
    everything = [*start, *(p for p in cell.parameters() if p.requires_grad)]
    torch.autograd.grad(current[0].sum(), everything, allow_unused=True)
    zero = torch.zeros_like(current[0].sum()).detach()
    return torch.stack([sum(each, zero).sqrt() for each in squares])


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
