"""returns the model, no groups and no losses

Nothing is frozen and nothing learns.
"""

from torch import nn

def freeze(model, trainable):
    return model


def parameter_groups(model, head, lr, head_lr, weight_decay=0.0):
    return []


def fine_tune(model, batches, optimizer, epochs=1):
    model.train()
    return [0.0] * epochs
