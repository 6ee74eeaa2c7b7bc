import math

import torch


def gradient_norms_over_time(cell, xs, state):
    single = not isinstance(state, tuple)
    first = (state,) if single else state
    track = [tuple(s.detach().clone().requires_grad_(True) for s in first)]
    for x in xs:
        out = cell(x, track[-1][0] if single else track[-1])
        track.append((out,) if single else tuple(out))
    loss = track[-1][0].sum()
    norms = []
    for tensors in track:
        tensors = [t for t in tensors if t.requires_grad]
        grads = torch.autograd.grad(loss, tensors, retain_graph=True, allow_unused=True)
        sq = sum((g ** 2).sum() for g in grads if g is not None)
        norms.append(torch.as_tensor(sq, dtype=loss.dtype) ** 0.5)
    return torch.stack(norms)


def gradient_norms_over_depth(blocks, x, skip):
    acts = [x.detach().clone().requires_grad_(True)]
    for f in blocks:
        a = acts[-1]
        acts.append(f(a) + a if skip else f(a))
    grads = torch.autograd.grad(acts[-1].sum(), acts)
    return torch.stack([torch.linalg.vector_norm(g) for g in grads])


def half_life(norms):
    n = len(norms)
    if n < 2:
        return math.inf
    y = torch.log2(norms.masked_fill(norms == 0, torch.finfo(norms.dtype).tiny)).tolist()
    t_mean, y_mean = (n - 1) / 2, sum(y) / n
    num = sum((t - t_mean) * (v - y_mean) for t, v in enumerate(y))
    den = sum((t - t_mean) ** 2 for t in range(n))
    slope = num / den
    return 1 / slope if slope > 1e-9 else math.inf
