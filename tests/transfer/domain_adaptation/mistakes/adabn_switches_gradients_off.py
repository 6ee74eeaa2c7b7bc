"""switches gradients off for good

torch.set_grad_enabled(False) holds until somebody switches them on again: after the adaptation, nothing trains.

Hint: What is the grad mode after your function has returned? What does a with statement do at its end?
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
        return grad_output * -ctx.strength, None


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
    modes = [(m, m.training) for m in model.modules()]
    norms = []
    for m, _ in modes:
        m.training = False
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)) and m.track_running_stats:
            norms.append((m, m.momentum))
    for m, _ in norms:
        m.training = True
        m.momentum = None
        m.reset_running_stats()
    torch.set_grad_enabled(False)
    for x in batches:
        model(x)
    for m, momentum in norms:
        m.momentum = momentum
    for m, training in modes:
        m.training = training
    return model
