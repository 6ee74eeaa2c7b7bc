"""changes `_modules` by recursion

A recursion goes backwards through the children until it meets a layer that can be a head, and writes into the
dictionary that holds it.
"""

from torch import nn


def swap(parent, key, num_classes):
    child = parent._modules[key]
    if isinstance(child, nn.Linear):
        parent._modules[key] = nn.Linear(child.in_features, num_classes).to(child.weight)
        return True
    if isinstance(child, nn.Conv2d):
        parent._modules[key] = nn.Conv2d(child.in_channels, num_classes, 1).to(child.weight)
        return True
    return child is not None and any(swap(child, name, num_classes) for name in reversed(list(child._modules)))


def replace_head(model, num_classes, freeze_backbone=True):
    old = list(model.parameters())
    main = [part for part in ("fc", "classifier", "heads", "head") if part in model._modules]
    if not any(swap(model, part, num_classes) for part in main):
        raise ValueError(f"{type(model).__name__} has no head")
    for part in ("aux1", "aux2", "AuxLogits"):
        if part in model._modules:
            swap(model, part, num_classes)

    if freeze_backbone:
        for parameter in old:
            parameter.requires_grad_(False)
    if "num_classes" in vars(model):
        model.num_classes = num_classes
    return model
