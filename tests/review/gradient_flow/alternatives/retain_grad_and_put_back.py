"""lets the states keep their gradients, and puts back what backward() did to the parameters

The gradients of parameters are saved before and restored after. Loss and graph are the same.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def gradient_norms_over_time(cell, xs: Tensor, state) -> Tensor:
    parameters = list(cell.parameters()) if isinstance(cell, torch.nn.Module) else []
    saved = [parameter.grad for parameter in parameters]
    for parameter in parameters:
        parameter.grad = None
    tensors = state if isinstance(state, tuple) else (state,)
    states = [tuple(tensor.detach().clone().requires_grad_(True) for tensor in tensors)]
    for x in xs.detach():
        new = cell(x, states[-1] if isinstance(state, tuple) else states[-1][0])
        states.append(new if isinstance(new, tuple) else (new,))
    for tensor in (tensor for each in states for tensor in each):
        if tensor.requires_grad:
            tensor.retain_grad()
    states[-1][0].sum().backward()
    norms = []
    for each in states:
        grads = [t.grad.flatten() if t.requires_grad and t.grad is not None else torch.zeros_like(t).flatten() for t in each]
        norms.append(torch.cat(grads).detach().norm())
    for parameter, grad in zip(parameters, saved):
        parameter.grad = grad
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
    slope = ((t - t.mean()) * (y - y.mean())).sum() / ((t - t.mean()) ** 2).sum()
    slope = slope.item()
    if slope > 1e-9:
        return 1 / slope
    return math.inf
