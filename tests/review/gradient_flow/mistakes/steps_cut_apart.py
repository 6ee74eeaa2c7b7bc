"""makes each state a leaf of its own and hands the gradient from step to step

What the cell returned is then cut off from what it was computed from in the same step: the way from the last c through
h does not count, and dL/dc_T is zero.

Hint: h_T is made from c_T. Is that way to the loss in your graph?
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def gradient_norms_over_time(cell, xs: Tensor, state) -> Tensor:
    is_tuple = isinstance(state, tuple)
    given = tuple(tensor.detach().requires_grad_() for tensor in (state if is_tuple else (state,)))
    inputs, outputs = [given], []
    for x in xs:
        new = cell(x, given if is_tuple else given[0])
        outputs.append(new if is_tuple else (new,))
        given = tuple(tensor.detach().requires_grad_() for tensor in outputs[-1])
        inputs.append(given)
    upstream = [torch.ones_like(given[0])] + [torch.zeros_like(tensor) for tensor in given[1:]]
    norms = [torch.cat([grad.flatten() for grad in upstream]).norm()]
    for before, after in zip(inputs[-2::-1], outputs[::-1]):
        pairs = [(tensor, grad) for tensor, grad in zip(after, upstream) if tensor.requires_grad]
        grads = torch.autograd.grad([t for t, _ in pairs], before, [g for _, g in pairs], allow_unused=True)
        upstream = [torch.zeros_like(t) if g is None else g for t, g in zip(before, grads)]
        norms.append(torch.cat([grad.flatten() for grad in upstream]).norm())
    return torch.stack(norms[::-1])


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
