"""Esercizio 6: replace the head."""

from torch import nn

KNOWN = ["fc", "classifier", "classifier.1", "classifier.2", "classifier.3", "classifier.6", "heads.head", "head"]


def replace_head(model, num_classes, freeze_backbone=True):
    layers = {name: layer for name, layer in model.named_modules() if isinstance(layer, (nn.Linear, nn.Conv2d))}
    head = None
    for name in KNOWN:
        if name in layers:
            head = name            # the last one in the list wins
    if head is None:
        raise ValueError("head not found")

    if freeze_backbone:
        for param in model.parameters():
            param.requires_grad = False

    old = layers[head]
    if isinstance(old, nn.Conv2d):
        new = nn.Conv2d(old.in_channels, num_classes, kernel_size=1)
    else:
        new = nn.Linear(old.in_features, num_classes)
    new = new.to(old.weight)
    parent, _, child = head.rpartition(".")
    setattr(model.get_submodule(parent), child, new)
    if hasattr(model, "num_classes"):
        model.num_classes = num_classes
    return model
