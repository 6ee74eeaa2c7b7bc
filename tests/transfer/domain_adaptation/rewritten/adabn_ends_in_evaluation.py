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
    model.eval()
    momenta = {}
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.running_mean is not None:
            momenta[module] = module.momentum
            module.reset_running_stats()
            module.momentum = None
            module.train()
    with torch.no_grad():
        for b in batches:
            model(b)
    for module, momentum in momenta.items():
        module.momentum = momentum
        module.eval()
    return model
