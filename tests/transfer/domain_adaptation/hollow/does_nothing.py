"""returns what comes in, and zeros

The identity with its own gradient, no strength, no loss, and the model as it was.
"""

import torch


def reverse_gradient(x, strength=1.0):
    return x

def reversal_strength(progress):
    return 0.0

def coral_loss(source, target):
    return (source.sum() + target.sum()) * 0

def adapt_batch_norm(model, batches):
    return model
