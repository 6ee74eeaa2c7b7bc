"""makes the caller's tensor require gradients

A hook can only hang on a tensor with gradients, so x is made to have them. Images then collect gradients that nobody
asked for, and a frozen network builds a graph.

Hint: Give it a tensor without gradients, and look at `x.requires_grad` afterwards. When does nothing have to be turned round?
"""

import math

import torch
from torch import nn


def reverse_gradient(x, strength=1.0):
    if torch.is_grad_enabled() and not x.requires_grad:
        x.requires_grad_()
    result = x.view_as(x)
    if result.requires_grad:
        result.register_hook(lambda grad: -strength * grad)
    return result


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
    with torch.no_grad():
        for x in batches:
            model(x)
    for m, momentum in norms:
        m.momentum = momentum
    for m, training in modes:
        m.training = training
    return model
