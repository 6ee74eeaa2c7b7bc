# New head for a pretrained network, Jonas Müller

from torch import nn


def replace_head(model, num_classes, freeze_backbone=True):
    # which layers?
    parts = dict(model.named_children())
    main = [n for n in ("fc", "classifier", "heads", "head") if parts.get(n) is not None]
    extra = [n for n in ("aux1", "aux2", "AuxLogits") if parts.get(n) is not None]
    targets = []
    for n in main + extra:
        candidates = [k for k, m in parts[n].named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
        if candidates:
            targets.append((n + "." + candidates[-1]).rstrip("."))
        elif n in main:
            main = []
    if not main:
        raise ValueError("no known head in " + model.__class__.__name__)

    if freeze_backbone:
        for p in model.parameters():
            p.requires_grad_(False)

    for path in targets:
        old = model.get_submodule(path)
        if isinstance(old, nn.Conv2d):
            new = nn.Conv2d(old.in_channels, num_classes, 1, device=old.weight.device, dtype=old.weight.dtype)
        else:
            new = nn.Linear(old.in_features, num_classes, device=old.weight.device, dtype=old.weight.dtype)
        parent = model.get_submodule(path.rpartition(".")[0])
        setattr(parent, path.rpartition(".")[2], new)

    if hasattr(model, "num_classes"):
        model.num_classes = num_classes
    return model
