from torch import nn

HEADS = ("heads.head", "head", "fc", "classifier.6", "classifier.3", "classifier.2", "classifier.1", "classifier")


def get(model, path):
    try:
        return model.get_submodule(path)
    except AttributeError:
        return None


def replace_head(model, num_classes, freeze_backbone=True):
    paths = [path for path in HEADS if isinstance(get(model, path), (nn.Linear, nn.Conv2d))][:1]
    if not paths:
        raise ValueError("no head")
    paths += [path for path in ("aux1.fc2", "aux2.fc2", "AuxLogits.fc") if get(model, path) is not None]
    if freeze_backbone:
        model.requires_grad_(False)
    for path in paths:
        old = get(model, path)
        options = {"bias": False, "device": old.weight.device, "dtype": old.weight.dtype}
        if type(old) is nn.Conv2d:
            fresh = nn.Conv2d(old.in_channels, num_classes, 1, **options)
            model.num_classes = num_classes
        else:
            fresh = nn.Linear(old.in_features, num_classes, **options)
        *parents, name = path.split(".")
        get(model, ".".join(parents))._modules[name] = fresh
    return model
