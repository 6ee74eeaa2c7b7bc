"""writes the reversal with detach, and takes covariances from torch

(1 + s)·x without its gradient, minus s·x with it, is x, and its gradient is -s. `torch.cov` takes variables in rows.
"""

import math

import torch
from torch import nn


def reverse_gradient(x, strength=1.0):
    return (1 + strength) * x.detach() - strength * x

def reversal_strength(progress):
    return math.tanh(5 * progress)

def coral_loss(source, target):
    c_s = torch.cov(source.T, correction=1).reshape(source.shape[1], -1)
    c_t = torch.cov(target.T, correction=1).reshape(target.shape[1], -1)
    return torch.mean((c_s - c_t) ** 2) / 4

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
