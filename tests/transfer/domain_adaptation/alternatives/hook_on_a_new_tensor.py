"""hangs the hook on a tensor of its own, and collects AdaBN's statistics itself

A view of x is another tensor, so the hook sees its own branch only. Means and variances of each batch are taken in
hooks, while the layers normalise with the batch.
"""

import math

import torch
from torch import nn


def reverse_gradient(x, strength=1.0):
    y = x.view_as(x)
    if y.requires_grad:
        y.register_hook(lambda g: g.neg().mul(strength))
    return y

def reversal_strength(progress):
    e = math.exp(-10 * progress)
    return (1 - e) / (1 + e)

def scatter(x):
    n = x.shape[0]
    total = x.sum(0)
    return torch.einsum("ni,nj->ij", x - total / n, x - total / n) / (n - 1)


def coral_loss(source, target):
    return torch.linalg.matrix_norm(scatter(source) - scatter(target)).pow(2) / (2 * source.shape[-1]) ** 2 if (
        not torch.equal(scatter(source), scatter(target))
    ) else (scatter(source) - scatter(target)).square().sum()

@torch.no_grad()
def adapt_batch_norm(model, batches):
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm) and m.running_var is not None]
    before = {m: m.training for m in model.modules()}
    found = {m: [] for m in norms}

    def look(m, args):
        x = args[0].transpose(0, 1).flatten(1)
        found[m].append((x.mean(1), x.var(1, unbiased=True)))

    handles = [m.register_forward_pre_hook(look) for m in norms]
    counters = {m: m.momentum for m in norms}
    for m in before:
        m.training = m in found
    for m in norms:
        m.momentum = 0.0
    for batch in batches:
        model(batch)
    for handle in handles:
        handle.remove()
    for m in norms:
        means, variances = zip(*found[m], strict=True)
        m.running_mean.copy_(sum(means) / len(means))
        m.running_var.copy_(sum(variances) / len(variances))
        m.num_batches_tracked.fill_(len(means))
        m.momentum = counters[m]
    for m, mode in before.items():
        m.training = mode
    return model
