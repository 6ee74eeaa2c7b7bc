"""copies the old layer, gives the copy new parameters and initialises it

The copy has the kind, inputs, mode and place of the old one. Its parameters are new, so they train whatever the old
ones did.
"""

import copy

import torch
from torch import nn


def head_names(model):
    names = []
    for part in ("fc", "classifier", "heads", "head", "aux1", "aux2", "AuxLogits"):
        layers = [
            name
            for name, layer in model.named_modules()
            if name.split(".")[0] == part and isinstance(layer, (nn.Linear, nn.Conv2d))
        ]
        names += layers[-1:]
    return names


def new_layer(old, num_classes):
    layer = copy.deepcopy(old)
    setattr(layer, "out_channels" if isinstance(old, nn.Conv2d) else "out_features", num_classes)
    layer.weight = nn.Parameter(torch.empty_like(old.weight[:1]).repeat(num_classes, *[1] * (old.weight.dim() - 1)))
    layer.bias = nn.Parameter(old.weight.new_empty(num_classes))
    layer.reset_parameters()
    return layer


def replace_head(model, num_classes, freeze_backbone=True):
    names = head_names(model)
    if not names:
        raise ValueError("this model has no head that I know")
    if freeze_backbone:
        for parameter in model.parameters():
            parameter.requires_grad = False
    for name in names:
        parent, _, attribute = name.rpartition(".")
        owner = model.get_submodule(parent)
        old = getattr(owner, attribute)
        setattr(owner, attribute, new_layer(old, num_classes))
    if hasattr(model, "num_classes"):
        model.num_classes = num_classes
    return model
