"""asks autograd once for all tensors of all states

Unused ones come as None. The slope is covariance over variance.
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
    flat = [state if is_tuple else (state,) for state in states]
    wanted = [tensor for tensors in flat for tensor in tensors if tensor.requires_grad]
    found = {id(t): g for t, g in zip(wanted, torch.autograd.grad(loss, wanted, allow_unused=True))}
    norms = []
    for tensors in flat:
        grads = [found.get(id(tensor)) for tensor in tensors]
        pieces = [grad.reshape(-1) for grad in grads if grad is not None]
        norms.append(torch.linalg.vector_norm(torch.cat(pieces)) if pieces else loss.new_zeros(()).detach())
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
    if norms.numel() < 2:
        return math.inf
    tiny = torch.finfo(norms.dtype).tiny
    y = torch.log2(torch.where(norms == 0, torch.full_like(norms, tiny), norms))
    t = torch.arange(norms.numel(), dtype=norms.dtype)
    both = torch.cov(torch.stack([t, y]))
    slope = both[0, 1] / both[0, 0]
    slope = slope.item()
    if slope > 1e-9:
        return 1 / slope
    return math.inf
