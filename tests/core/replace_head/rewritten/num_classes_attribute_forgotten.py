from torch import nn


def replace_head(model, num_classes, freeze_backbone=True):
    children = dict(model.named_modules())

    def usable(path):
        layer = children.get(path)
        return isinstance(layer, nn.Linear) or (isinstance(layer, nn.Conv2d) and layer.kernel_size == (1, 1))

    candidates = ["heads.head", "head", "fc", "classifier"] + [f"classifier.{i}" for i in (6, 3, 2, 1)]
    path = next((path for path in candidates if usable(path)), None)
    if path is None:
        raise ValueError("no head found")
    if freeze_backbone:
        [p.requires_grad_(False) for p in model.parameters()]
    for path in (path, "aux1.fc2", "aux2.fc2", "AuxLogits.fc"):
        if path not in children:
            continue
        old = children[path]
        match old:
            case nn.Linear():
                new = nn.Linear(old.in_features, num_classes, device=old.weight.device, dtype=old.weight.dtype)
            case nn.Conv2d():
                new = nn.Conv2d(old.in_channels, num_classes, 1, device=old.weight.device, dtype=old.weight.dtype)
        model.set_submodule(path, new)
    return model
