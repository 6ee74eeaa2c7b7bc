import torch.nn as nn


def find_heads(model):
    """ returns list of (parent module, name of the attribute or index) """
    heads = []
    if isinstance(getattr(model, "fc", None), nn.Linear):
        heads.append((model, "fc"))
    elif isinstance(getattr(model, "head", None), nn.Linear):
        heads.append((model, "head"))
    elif isinstance(getattr(model, "classifier", None), nn.Linear):
        heads.append((model, "classifier"))
    elif hasattr(model, "heads") and hasattr(model.heads, "head"):
        heads.append((model.heads, "head"))
    elif isinstance(getattr(model, "classifier", None), nn.Sequential):
        for i in reversed(range(len(model.classifier))):
            if isinstance(model.classifier[i], (nn.Linear, nn.Conv2d)):
                heads.append((model.classifier, str(i)))
                break
    if not heads:
        raise ValueError("this model has no head that I know")

    for name in ["aux1", "aux2"]:
        if getattr(model, name, None) is not None:
            heads.append((getattr(model, name), "fc2"))
    if getattr(model, "AuxLogits", None) is not None:
        heads.append((model.AuxLogits, "fc"))
    return heads


def fresh_like(layer, num_classes):
    w = layer.weight
    if isinstance(layer, nn.Conv2d):
        return nn.Conv2d(layer.in_channels, num_classes, 1).to(device=w.device, dtype=w.dtype)
    return nn.Linear(layer.in_features, num_classes, device=w.device, dtype=w.dtype)


def replace_head(model, num_classes, freeze_backbone=True):
    heads = find_heads(model)
    if freeze_backbone:
        for p in model.parameters():
            p.requires_grad = False
    for parent, name in heads:
        setattr(parent, name, fresh_like(getattr(parent, name), num_classes))
    if hasattr(model, "num_classes"):
        model.num_classes = num_classes
    return model
