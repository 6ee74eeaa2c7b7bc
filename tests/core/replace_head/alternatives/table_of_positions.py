"""tries an explicit table of dotted names

The table holds every position of the docstring. Longer classifiers come first, since a VGG also has
`classifier.3`.
"""

from torch import nn

HEADS = ["fc", "classifier.6", "classifier.3", "classifier.2", "classifier.1", "classifier", "heads.head", "head"]
AUXILIARY = ["aux1.fc2", "aux2.fc2", "AuxLogits.fc"]


def has_layer(model, name):
    try:
        return isinstance(model.get_submodule(name), (nn.Linear, nn.Conv2d))
    except AttributeError:
        return False


def put(model, name, num_classes):
    *path, attribute = name.split(".")
    parent = model.get_submodule(".".join(path))
    old = model.get_submodule(name)
    if isinstance(old, nn.Conv2d):
        new = nn.Conv2d(old.in_channels, num_classes, kernel_size=(1, 1))
        model.num_classes = num_classes
    else:
        new = nn.Linear(old.in_features, num_classes)
    parent.add_module(attribute, new.to(old.weight))


def replace_head(model, num_classes, freeze_backbone=True):
    found = [name for name in HEADS if has_layer(model, name)]
    if not found:
        raise ValueError(f"none of {HEADS} in {type(model).__name__}")
    if freeze_backbone:
        for parameter in model.parameters():
            parameter.requires_grad_(False)
    for name in found[:1] + [name for name in AUXILIARY if has_layer(model, name)]:
        put(model, name, num_classes)
    return model
