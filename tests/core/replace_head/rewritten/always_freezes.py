from torch import nn


def find(model, *paths):
    modules = dict(model.named_modules())
    return [path for path in paths if isinstance(modules.get(path), (nn.Linear, nn.Conv2d))]


def replace_head(model, num_classes, freeze_backbone=True):
    main = find(model, "fc", "head", "heads.head", "classifier.6", "classifier.3", "classifier.2", "classifier.1", "classifier")
    if not main:
        raise ValueError("where is the head?")
    paths = main[:1] + find(model, "aux1.fc2", "aux2.fc2", "AuxLogits.fc")
    keep = {}
    for name, p in model.named_parameters():
        keep[name] = p.requires_grad
        p.requires_grad = False
    for path in paths:
        old = model.get_submodule(path)
        parent = model.get_submodule(path.rpartition(".")[0])
        if isinstance(old, nn.Linear):
            new = nn.Linear(old.in_features, num_classes)
        else:
            new = nn.Conv2d(old.in_channels, num_classes, (1, 1))
            model.num_classes = num_classes
        parent.add_module(path.rpartition(".")[2], new.to(device=old.weight.device, dtype=old.weight.dtype))
    return model
