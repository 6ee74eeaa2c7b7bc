import math

import torch
from torch import nn


class Flip(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, strength):
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * -ctx.strength, None


def reverse_gradient(x, strength=1.0):
    return Flip.apply(x, strength)

def reversal_strength(progress, gamma=10.0):
    return 2 / (1 + math.exp(-gamma * progress)) - 1

def coral_loss(source, target, scale=4):
    gap = 0
    for sign, x in ((1, source), (-1, target)):
        x = x - torch.mean(x, 0)
        gap = gap + sign * torch.tensordot(x, x, ([0], [0])) / (x.shape[0] - 1)
    return (gap * gap).sum() / (scale * source.shape[1] ** 2)

class Adapting:
    def __init__(self, model):
        self.modes = {m: m.training for m in model.modules()}
        bn = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
        self.momenta = {m: m.momentum for m in self.modes if isinstance(m, bn) and m.running_mean is not None}

    def __enter__(self):
        for m in self.modes:
            m.training = m in self.momenta
        for m in self.momenta:
            m.reset_running_stats()
            m.momentum = None

    def __exit__(self, *_):
        for m, mode in self.modes.items():
            m.training = mode
        for m, momentum in self.momenta.items():
            m.momentum = momentum


def adapt_batch_norm(model, batches, device=None):
    with Adapting(model), torch.no_grad():
        _ = [model(batch) for batch in batches]
    return model
