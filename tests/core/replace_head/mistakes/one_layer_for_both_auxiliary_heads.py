"""makes one layer and puts it at both auxiliary heads of GoogLeNet

The two have the same sizes, so one layer fits both places, and then both heads learn the same weights from different
features.

Hint: After your function, is `model.aux1.fc2 is model.aux2.fc2`? How many new layers should there be?
"""

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
    options = {"device": old.weight.device, "dtype": old.weight.dtype}
    if isinstance(old, nn.Conv2d):
        return nn.Conv2d(old.in_channels, num_classes, 1, **options)
    return nn.Linear(old.in_features, num_classes, **options)


def replace_head(model, num_classes, freeze_backbone=True):
    names = head_names(model)
    if not names:
        raise ValueError("this model has no head that I know")
    if freeze_backbone:
        for parameter in model.parameters():
            parameter.requires_grad = False
    fresh = {}
    for name in names:
        parent, _, attribute = name.rpartition(".")
        owner = model.get_submodule(parent)
        old = getattr(owner, attribute)
        sizes = tuple(old.weight.shape)
        auxiliary = name.startswith("aux")
        layer = fresh.get(sizes) if auxiliary else None
        layer = layer or new_layer(old, num_classes)
        if auxiliary:
            fresh[sizes] = layer
        setattr(owner, attribute, layer)
    if hasattr(model, "num_classes"):
        model.num_classes = num_classes
    return model
