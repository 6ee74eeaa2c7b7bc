"""begins a new graph after every ten steps

The gradient at the first states of a long sequence is 0 then, which looks as if it had vanished.

Hint: Over how many steps did you compare your norms with a closed form?
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def gradient_norms_over_time(cell, xs: Tensor, state) -> Tensor:
    single = isinstance(state, Tensor)
    parts = (state,) if single else tuple(state)
    with torch.enable_grad():
        parts = tuple(p.detach().clone().requires_grad_() for p in parts)
        history = [parts]
        for x in xs.detach():
            out = cell(x, parts[0] if single else parts)
            parts = (out,) if single else tuple(out)
            if len(history) % 10 == 0:
                parts = tuple(p.detach().requires_grad_() for p in parts)
            history.append(parts)
        loss = parts[0].sum()
    flat = [p for parts in history for p in parts if p.requires_grad]
    grads = dict(zip(map(id, flat), torch.autograd.grad(loss, flat, allow_unused=True), strict=True))
    norms = []
    for parts in history:
        found = [grads.get(id(p)) for p in parts]
        found = [g.flatten() for g in found if g is not None]
        norms.append(torch.cat(found).norm() if found else parts[0].new_zeros(()))
    return torch.stack(norms).detach().to(history[0][0].dtype)



def gradient_norms_over_depth(blocks, x: Tensor, skip: bool) -> Tensor:
    with torch.enable_grad():
        a = x.detach().clone().requires_grad_()
        states = [a]
        for block in blocks:
            out = block(a)
            a = out + a if skip else out
            states.append(a)
        loss = a.sum()
    grads = torch.autograd.grad(loss, states, allow_unused=True)
    return torch.stack([x.new_zeros(()) if g is None else g.norm() for g in grads]).detach()



def half_life(norms: Tensor) -> float:
    if len(norms) < 2:
        return math.inf
    tiny = torch.finfo(norms.dtype).tiny
    y = torch.where(norms == 0, torch.full_like(norms, tiny), norms).double().log2()
    t = torch.arange(len(norms), dtype=torch.float64)
    t = t - t.mean()
    slope = ((t * (y - y.mean())).sum() / (t * t).sum()).item()
    return 1 / slope if slope > 1e-9 else math.inf
