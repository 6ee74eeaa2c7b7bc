"""splits forward and context, and averages with momentum 1/k

`setup_context` is the newer form of a Function. The k-th batch gets the weight 1/k, which is the plain average.
"""

import torch
from torch import nn
from torch.nn import functional as F


class Turn(torch.autograd.Function):
    @staticmethod
    def forward(x, strength):
        return x.clone()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.s = inputs[1]

    @staticmethod
    def backward(ctx, g):
        return (g.neg() * ctx.s, None) if ctx.needs_input_grad[0] else (None, None)


def reverse_gradient(x, strength=1.0):
    return Turn.apply(x, float(strength))

def reversal_strength(progress):
    return 2 * torch.sigmoid(torch.tensor(10.0 * progress, dtype=torch.float64)).item() - 1

def coral_loss(source, target):
    covariances = []
    for x in (source, target):
        n = len(x)
        mean = torch.full((1, n), 1 / n, dtype=x.dtype, device=x.device) @ x
        covariances.append((x - mean).mT.matmul(x - mean).div(n - 1))
    return F.mse_loss(*covariances) / 4

def adapt_batch_norm(model, batches):
    kinds = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d
    states = [(m, m.training, getattr(m, "momentum", None)) for m in model.modules()]
    norms = [m for m, _, _ in states if isinstance(m, kinds) and m.track_running_stats]
    model.eval()
    try:
        for m in norms:
            m.num_batches_tracked.zero_()
            m.train()
        with torch.inference_mode():
            for k, x in enumerate(batches, start=1):
                for m in norms:
                    m.momentum = 1 / k
                model(x)
    finally:
        for m, training, momentum in states:
            m.training = training
            if m in norms:
                m.momentum = momentum
    return model
