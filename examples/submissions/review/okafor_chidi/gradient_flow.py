import math

import torch


def gradient_norms_over_time(cell, xs, state):
    tup = isinstance(state, tuple)
    s = tuple(a.clone().detach().requires_grad_() for a in state) if tup else state.clone().detach().requires_grad_()
    states = [s]
    for x in xs:
        s = cell(x, s)
        states.append(s)
    for s in states:
        for a in s if tup else (s,):
            if a.requires_grad:
                a.retain_grad()
    last = states[-1][0] if tup else states[-1]
    last.sum().backward()
    norms = []
    for s in states:
        total = 0
        for a in s if tup else (s,):
            if a.grad is not None:
                total = total + a.grad.pow(2).sum()
        norms.append(torch.as_tensor(total, dtype=last.dtype).sqrt())
    return torch.stack(norms)


def gradient_norms_over_depth(blocks, x, skip):
    a = x.clone().detach().requires_grad_()
    activations = [a]
    for block in blocks:
        a = a + block(a) if skip else block(a)
        a.retain_grad()
        activations.append(a)
    a.sum().backward()
    return torch.stack([a.grad.norm() for a in activations])


def half_life(norms):
    if norms.numel() < 2:
        return float("inf")
    tiny = torch.finfo(norms.dtype).tiny
    y = norms.clone()
    y[y == 0] = tiny
    y = y.double().log2()
    t = torch.arange(len(y)).double()
    A = torch.stack([t, torch.ones_like(t)], 1)
    slope = torch.linalg.lstsq(A, y.unsqueeze(1)).solution[0].item()
    return 1 / slope if slope > 1e-9 else float("inf")
