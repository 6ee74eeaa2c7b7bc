"""returns zeros, and a model whose statistics are reset

Nothing of the batches is looked at.
"""

import torch
from torch import nn


def reverse_gradient(x, strength=1.0):
    return torch.zeros_like(x)

def reversal_strength(progress):
    return float(progress > 0)

def coral_loss(source, target):
    return torch.zeros((), dtype=source.dtype)

def adapt_batch_norm(model, batches):
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm) and m.track_running_stats:
            m.reset_running_stats()
    return model
