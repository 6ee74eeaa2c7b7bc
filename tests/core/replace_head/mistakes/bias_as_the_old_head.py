"""gives the new head a bias only if the old one has one

A head that was made with bias=False is replaced by one without.

Hint: Which part of the new layer does the docstring ask for, whatever the old one has?
"""

from __future__ import annotations

import torch
from torch import nn

MAIN = ["fc", "classifier", "classifier.6", "classifier.3", "classifier.2", "classifier.1", "heads.head", "head"]
AUXILIARY = ["aux1.fc2", "aux2.fc2", "AuxLogits.fc"]


def is_head(layer) -> bool:
    return isinstance(layer, nn.Linear) or (isinstance(layer, nn.Conv2d) and layer.kernel_size == (1, 1))


def layer_at(model, name):
    try:
        return model.get_submodule(name)
    except AttributeError:
        return None


def find_heads(model: nn.Module) -> list[str]:
    main = [name for name in MAIN if is_head(layer_at(model, name))][:1]
    if not main:
        raise ValueError("no head at a known position")
    return main + [name for name in AUXILIARY if is_head(layer_at(model, name))]


def fresh_like(layer: nn.Linear | nn.Conv2d, num_classes: int) -> nn.Linear | nn.Conv2d:
    place = {"device": layer.weight.device, "dtype": layer.weight.dtype}
    if isinstance(layer, nn.Linear):
        new = nn.Linear(layer.in_features, num_classes, bias=layer.bias is not None, **place)
    else:
        new = nn.Conv2d(layer.in_channels, num_classes, 1, **place)
    return new.train(layer.training)


def replace_head(model: nn.Module, num_classes: int, freeze_backbone: bool = True) -> nn.Module:
    heads = find_heads(model)
    if freeze_backbone:
        model.requires_grad_(False)
    for name in heads:
        parent, _, child = name.rpartition(".")
        old = model.get_submodule(name)
        setattr(model.get_submodule(parent), child, fresh_like(old, num_classes))
        if isinstance(old, nn.Conv2d):
            model.num_classes = num_classes
    return model
