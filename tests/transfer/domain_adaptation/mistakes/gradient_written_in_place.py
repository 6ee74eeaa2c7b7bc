"""writes into the gradient that its backward gets

Where the result is added to something, that gradient is passed to the other summand as well, and is turned round there,
too.

Hint: For y = R(x) + x, what is the gradient of x? What does `mul_` change besides its result?
"""

import math

import torch
from torch import nn


class GradientReversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, strength):
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output.mul_(-ctx.strength), None


def reverse_gradient(x, strength=1.0):
    return GradientReversal.apply(x, strength)

def reversal_strength(progress):
    return 2.0 / (1.0 + math.exp(-10.0 * progress)) - 1.0

def covariance(x):
    x = x - x.mean(dim=0, keepdim=True)
    return x.t() @ x / (x.size(0) - 1)


def coral_loss(source, target):
    d = source.size(1)
    return ((covariance(source) - covariance(target)) ** 2).sum() / (4 * d * d)

def adapt_batch_norm(model, batches):
    kinds = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
    modes = [(m, m.training) for m in model.modules()]
    norms = [m for m, _ in modes if isinstance(m, kinds) and m.track_running_stats]
    seen = {m: [] for m in norms}

    def note(m, inputs):
        x = inputs[0].transpose(0, 1).flatten(1)
        seen[m].append((x.mean(1), x.var(1)))

    hooks = [m.register_forward_pre_hook(note) for m in norms]
    for m, _ in modes:
        m.training = m in norms
    with torch.no_grad():
        for x in batches:
            model(x)
        for hook in hooks:
            hook.remove()
        for m in norms:
            means, variances = zip(*seen[m])
            m.running_mean.copy_(torch.stack(means).mean(0))
            m.running_var.copy_(torch.stack(variances).mean(0))
            m.num_batches_tracked.fill_(len(batches))
    for m, training in modes:
        m.training = training
    return model
