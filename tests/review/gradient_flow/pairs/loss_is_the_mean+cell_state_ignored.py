import math

import torch


def flat(state):
    return list(state) if isinstance(state, tuple) else [state]


def norm(tensors, loss):
    squared = loss.detach() * 0
    for one in tensors:
        if one.requires_grad:
            g = torch.autograd.grad([loss], [one], retain_graph=True, allow_unused=True)[0]
            squared = squared + (0 if g is None else torch.sum(g * g))
    return torch.sqrt(squared)


def gradient_norms_over_time(cell, xs, state):
    if isinstance(state, tuple):
        s = tuple(v.detach().requires_grad_(True) for v in state)
    else:
        s = state.detach().requires_grad_(True)
    history = [flat(s)]
    for x in xs:
        s = cell(x, s)
        history.append(flat(s))
    loss = torch.mean(history[-1][0])
    return torch.stack([norm([entry[0]], loss) for entry in history])


def gradient_norms_over_depth(blocks, x, skip):
    history = [x.detach().requires_grad_(True)]
    for f in blocks:
        here = history[-1]
        history.append(here + f(here) if skip else f(here))
    loss = torch.sum(history[-1])
    return torch.stack([norm([entry], loss) for entry in history])


def half_life(norms):
    n = len(norms)
    if n < 2:
        return math.inf
    v = [math.log2(float(q) or torch.finfo(norms.dtype).tiny) for q in norms]
    middle, mean = (n - 1) / 2, sum(v) / n
    slope = sum((i - middle) * (q - mean) for i, q in enumerate(v)) / sum((i - middle) ** 2 for i in range(n))
    return 1 / slope if slope > 1e-9 else math.inf
