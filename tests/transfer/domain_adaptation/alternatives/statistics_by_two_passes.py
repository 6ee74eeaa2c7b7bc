"""sums the statistics of single batches up

With momentum 1, running statistics are those of the last batch. They are added up by hand.
"""

import math

import torch


class R(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, s):
        ctx.save_for_backward(torch.as_tensor(s, dtype=x.dtype))
        return torch.ones_like(x) * x

    @staticmethod
    def backward(ctx, g):
        (s,) = ctx.saved_tensors
        return torch.zeros_like(g) - s * g, None


def reverse_gradient(x, strength=1.0):
    return R.apply(x, strength)

def reversal_strength(progress: float) -> float:
    return -1.0 + 2.0 * (1.0 + math.e ** (-10 * progress)) ** -1

def coral_loss(source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    def cov(x):
        n, d = x.shape
        products = [[((x[:, i] - x[:, i].mean()) * (x[:, j] - x[:, j].mean())).sum() for j in range(d)] for i in range(d)]
        return torch.stack([torch.stack(row) for row in products]) / (n - 1)

    gap = cov(source) - cov(target)
    return torch.trace(gap @ gap.T) / (4 * source.shape[1] ** 2)

def adapt_batch_norm(model, batches):
    names = [n for n, m in model.named_modules() if type(m).__name__ in ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d")]
    norms = [model.get_submodule(n) for n in names]
    norms = [m for m in norms if m.running_mean is not None]
    kept = {n: (m, m.training) for n, m in model.named_modules()}
    old = [m.momentum for m in norms]
    sums = [[0.0, 0.0] for _ in norms]
    for m, _ in kept.values():
        m.training = False
    for m in norms:
        m.training, m.momentum = True, 1.0
    for batch in batches:
        with torch.no_grad():
            model(batch)
        for total, m in zip(sums, norms, strict=True):
            total[0] = total[0] + m.running_mean.clone()
            total[1] = total[1] + m.running_var.clone()
    for total, m, momentum in zip(sums, norms, old, strict=True):
        m.running_mean.copy_(total[0] / len(batches))
        m.running_var.copy_(total[1] / len(batches))
        m.num_batches_tracked.copy_(torch.tensor(len(batches)))
        m.momentum = momentum
    for m, training in kept.values():
        m.training = training
    return model
