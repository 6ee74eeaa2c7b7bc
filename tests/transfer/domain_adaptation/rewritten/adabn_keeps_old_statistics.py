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
    state = {m: m.training for m in model.modules()}
    for m in state:
        m.training = isinstance(m, nn.modules.batchnorm._BatchNorm) and m.track_running_stats
    with torch.inference_mode():
        for b in batches:
            model(b)
    for m, mode in state.items():
        m.training = mode
    return model
