from torch import nn

KNOWN = {
    "fc": nn.Linear,
    "classifier": nn.Linear,
    "classifier.1": (nn.Linear, nn.Conv2d),
    "classifier.2": nn.Linear,
    "classifier.3": nn.Linear,
    "classifier.6": nn.Linear,
    "heads.head": nn.Linear,
    "head": nn.Linear,
}


def find_heads(model):
    modules = {name: m for name, m in model.named_modules()}
    heads = [name for name, kind in KNOWN.items() if isinstance(modules.get(name), kind)][-1:]
    if not heads:
        raise ValueError("no Linear and no 1x1 Conv2d at any of the positions in the table")
    return heads + [name for name in modules if name in {"aux1.fc2", "aux2.fc2", "AuxLogits.fc"}]


def fresh_like(layer, num_classes):
    cls = type(layer)
    if cls is nn.Conv2d:
        return cls(layer.in_channels, num_classes, 1, device=layer.weight.device, dtype=layer.weight.dtype)
    return nn.Linear(layer.in_features, num_classes, device=layer.weight.device, dtype=layer.weight.dtype)


def freeze(model):
    """Frozen networks must not update their batch norm statistics either."""
    model.eval()
    for p in model.parameters():
        p.requires_grad = False


def replace_head(model, num_classes, freeze_backbone=True):
    heads = find_heads(model)
    if freeze_backbone:
        freeze(model)
    for name in heads:
        parent, _, child = name.rpartition(".")
        layer = fresh_like(model.get_submodule(name), num_classes)
        setattr(model.get_submodule(parent), child, layer)
        if isinstance(layer, nn.Conv2d):
            model.num_classes = num_classes
    return model
