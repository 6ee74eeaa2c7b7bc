import copy
from torch import nn


def replace_head(model, num_classes, freeze_backbone=True):
    model = copy.deepcopy(model)   # leave the original alone
    for part in ("fc", "classifier", "heads", "head"):
        if isinstance(getattr(model, part, None), nn.Module):
            break
    else:
        raise ValueError("no head")
    if freeze_backbone:
        for p in model.parameters():
            p.requires_grad = False
    for name in (part, "aux1", "aux2", "AuxLogits"):
        if getattr(model, name, None) is None:
            continue
        path, old = [(n, m) for n, m in model.named_modules() if n.split(".")[0] == name and isinstance(m, (nn.Linear, nn.Conv2d))][-1]
        w = old.weight
        new = nn.Conv2d(w.shape[1], num_classes, 1) if w.dim() == 4 else nn.Linear(w.shape[1], num_classes)
        owner, _, last = path.rpartition(".")
        setattr(model.get_submodule(owner), last, new.to(w))
    if hasattr(model, "num_classes"):
        model.num_classes = num_classes
    return model
