"""freezes everything, and refuses what is hard

One group of all parameters, and losses of one.
"""

from torch import nn

def freeze(model, trainable):
    if trainable:
        raise ValueError("no such name")
    return model.requires_grad_(False)


def parameter_groups(model, head, lr, head_lr, weight_decay=0.0):
    return [{"params": list(model.parameters()), "lr": lr, "weight_decay": weight_decay}]


def fine_tune(model, batches, optimizer, epochs=1):
    model.train()
    model.zero_grad()
    return [1.0] * epochs
