"""takes the old bias over where the number of classes is the same

The weights are fresh, and the bias still says how frequent the old classes were.

Hint: Which numbers of the old head does the new one start with, and what are they about?
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
    for name in names:
        parent, _, attribute = name.rpartition(".")
        owner = model.get_submodule(parent)
        old = getattr(owner, attribute)
        new = new_layer(old, num_classes)
        if old.bias is not None and old.bias.shape == new.bias.shape:
            new.bias.data.copy_(old.bias.data)
        setattr(owner, attribute, new)
    if hasattr(model, "num_classes"):
        model.num_classes = num_classes
    return model
