"""draws each new head from a seed of its own

The random numbers of the program stay as they are inside fork_rng, but every call starts with the same head.

Hint: Call your function for two models, and compare the weights of their heads.
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
        new = nn.Linear(layer.in_features, num_classes, **place)
    else:
        new = nn.Conv2d(layer.in_channels, num_classes, 1, **place)
    return new.train(layer.training)


def replace_head(model: nn.Module, num_classes: int, freeze_backbone: bool = True) -> nn.Module:
    heads = find_heads(model)
    if freeze_backbone:
        model.requires_grad_(False)
    for name in heads:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(42)
            new = fresh_like(model.get_submodule(name), num_classes)
        parent, _, child = name.rpartition(".")
        old = model.get_submodule(name)
        setattr(model.get_submodule(parent), child, new)
        if isinstance(old, nn.Conv2d):
            model.num_classes = num_classes
    return model
