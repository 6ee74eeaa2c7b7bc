"""replaces the last Linear wherever it is, where no head is at a known position

The last Linear of an unknown network need not be its head. The table says where heads are, and all else is refused.

Hint: What should happen to a network whose last Linear is called `output`?
"""

from torch import nn

PLACES = ("fc", "classifier", "classifier.1", "classifier.2", "classifier.3", "classifier.6", "heads.head", "head")
AUXILIARY = ("aux1.fc2", "aux2.fc2", "AuxLogits.fc")


def find_heads(model):
    layers = dict(model.named_modules())
    there = [name for name in PLACES if isinstance(layers.get(name), (nn.Linear, nn.Conv2d))]
    there = there or [name for name, layer in layers.items() if isinstance(layer, nn.Linear)]
    if not there:
        raise ValueError("no head at a known position")
    return there[-1:] + [name for name in AUXILIARY if name in layers]


def fresh_like(old, num_classes):
    where = {"device": old.weight.device, "dtype": old.weight.dtype}
    if isinstance(old, nn.Linear):
        return nn.Linear(old.in_features, num_classes, **where)
    return nn.Conv2d(old.in_channels, num_classes, 1, **where)


def replace_head(model, num_classes, freeze_backbone=True):
    heads = find_heads(model)
    if freeze_backbone:
        model.requires_grad_(False)
    for name in heads:
        holder, _, last = name.rpartition(".")
        setattr(model.get_submodule(holder), last, fresh_like(model.get_submodule(name), num_classes))
    if hasattr(model, "num_classes"):
        model.num_classes = num_classes
    return model
