"""starts the new head at zero

A fresh head may start anywhere. At zero all classes are equally likely, and the first gradient of the weight
is not zero, so it trains (Big Transfer, arXiv:1912.11370, does so).
"""

from torch import nn

PARTS = ("fc", "classifier", "heads", "head"), ("aux1", "aux2", "AuxLogits")


def last_layers(model, parts):
    layers = {}
    for name, layer in model.named_modules():
        if isinstance(layer, (nn.Linear, nn.Conv2d)) and name.partition(".")[0] in parts:
            layers[name.partition(".")[0]] = name
    return list(layers.values())


def replace_head(model, num_classes, freeze_backbone=True):
    heads, auxiliary = (last_layers(model, parts) for parts in PARTS)
    if not heads:
        raise ValueError(f"no head found in {type(model).__name__}")
    if freeze_backbone:
        model.requires_grad_(False)
    for name in heads + auxiliary:
        parent, _, attribute = name.rpartition(".")
        old = model.get_submodule(name)
        if isinstance(old, nn.Linear):
            new = nn.Linear(old.in_features, num_classes)
        else:
            new = nn.Conv2d(old.in_channels, num_classes, 1)
            model.num_classes = num_classes
        for parameter in new.parameters():
            nn.init.zeros_(parameter)
        setattr(model.get_submodule(parent), attribute, new.to(old.weight.device, old.weight.dtype))
    return model
