"""measures a deep copy of the cell and of the blocks, with backward()

What the copy accumulates is thrown away with it.
"""

from __future__ import annotations

import copy
import math

import torch
from torch import Tensor


def gradient_norms_over_time(cell, xs: Tensor, state) -> Tensor:
    cell = copy.deepcopy(cell)
    together = isinstance(state, tuple)
    history = [[tensor.detach().clone().requires_grad_() for tensor in (state if together else [state])]]
    for x in xs.detach():
        out = cell(x, tuple(history[-1]) if together else history[-1][0])
        history.append(list(out) if together else [out])
    for tensor in sum(history, []):
        if tensor.requires_grad:
            tensor.retain_grad()
    history[-1][0].sum().backward()
    norms = xs.new_zeros(len(history))
    for t, tensors in enumerate(history):
        for tensor in tensors:
            if tensor.requires_grad and tensor.grad is not None:
                norms[t] += (tensor.grad.detach() ** 2).sum().to(norms)
    return norms.sqrt().to(history[0][0].dtype)


def gradient_norms_over_depth(blocks, x: Tensor, skip: bool) -> Tensor:
    layers = [copy.deepcopy(block) for block in blocks]
    activations = [x.detach().clone().requires_grad_()]
    for layer in layers:
        out = layer(activations[-1])
        activations.append(activations[-1] + out if skip else out)
    for activation in activations:
        activation.retain_grad()
    activations[-1].sum().backward()
    return torch.stack([activation.grad.detach().norm(2) for activation in activations])


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
