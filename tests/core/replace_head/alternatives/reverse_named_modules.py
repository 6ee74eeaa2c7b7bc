"""walks `named_modules` backwards to the last layer

The head is the last Linear or 1x1 convolution of the network, if that lies in a part of the table, and that of an
auxiliary classifier is the last one under its name.
"""

from torch import nn


def last_layer(module):
    for name, layer in reversed(list(module.named_modules())):
        if isinstance(layer, nn.Linear) or (isinstance(layer, nn.Conv2d) and layer.kernel_size == (1, 1)):
            return name
    return None


def replace_head(model, num_classes, freeze_backbone=True):
    head = last_layer(model)
    if head is None or head.split(".")[0] not in ("fc", "classifier", "heads", "head"):
        raise ValueError("no Linear and no 1x1 convolution at a known position")
    if freeze_backbone:
        model.requires_grad_(False)

    names = [head]
    for part, child in model.named_children():
        if part.lower().startswith("aux"):
            names.append(f"{part}.{last_layer(child)}")
    for name in names:
        path, _, attribute = name.rpartition(".")
        old = model.get_submodule(name)
        where = {"device": old.weight.device, "dtype": old.weight.dtype}
        if isinstance(old, nn.Linear):
            new = nn.Linear(old.in_features, num_classes, **where)
        else:
            new = nn.Conv2d(old.in_channels, num_classes, 1, **where)
            model.num_classes = num_classes
        setattr(model.get_submodule(path), attribute, new)
    return model
