from copy import deepcopy

from torch import nn

TABLE = ["fc", "classifier", "classifier.1", "classifier.2", "classifier.3", "classifier.6", "heads.head", "head"]


def replace_head(model, num_classes, freeze_backbone=True):
    new = deepcopy(model)
    modules = dict(new.named_modules())
    heads = [p for p in TABLE if p in modules and isinstance(modules[p], (nn.Linear, nn.Conv2d))]
    if not heads:
        raise ValueError("model without head")
    heads = [heads[-1], *[p for p in ("aux1.fc2", "aux2.fc2", "AuxLogits.fc") if p in modules]]
    for p in new.parameters():
        p.requires_grad = p.requires_grad and not freeze_backbone
    for p in heads:
        old, (parent, _, name) = modules[p], p.rpartition(".")
        if isinstance(old, nn.Conv2d):
            layer = nn.Conv2d(old.in_channels, num_classes, 1, dtype=old.weight.dtype, device=old.weight.device)
            new.num_classes = num_classes
        else:
            layer = nn.Linear(old.in_features, num_classes, dtype=old.weight.dtype, device=old.weight.device)
        setattr(modules[parent], name, layer)
    return new
