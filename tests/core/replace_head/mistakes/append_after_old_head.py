"""puts a new layer after the old head instead of in its place

The old 1000 scores become the features of the new layer. There is one more layer and the keys of the state
dict are new (`fc.0.weight`, `fc.1.weight`).

Hint: The new layer should read what the old head read, not what it gave. Is the old head still in
`print(model)`?
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
        return nn.Sequential(old, nn.Conv2d(old.out_channels, num_classes, 1, **options))
    return nn.Sequential(old, nn.Linear(old.out_features, num_classes, **options))


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
