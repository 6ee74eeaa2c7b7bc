from torch import nn


def replace_head(model: nn.Module, num_classes: int, freeze_backbone: bool = True) -> nn.Module:
    # take the last Linear (or conv, SqueezeNet) of the whole model
    heads = [n for n, m in model.named_modules() if n.startswith(("fc", "classifier", "head"))
             and isinstance(m, (nn.Linear, nn.Conv2d))][-1:]
    if not heads:
        raise ValueError("model has no classifier")
    heads += [n for n, m in model.named_modules() if n in ("aux1.fc2", "aux2.fc2", "AuxLogits.fc")]

    for name in heads:
        parent = model.get_submodule(".".join(name.split(".")[:-1]))
        old = model.get_submodule(name)
        args = {"device": old.weight.device, "dtype": old.weight.dtype}
        if isinstance(old, nn.Conv2d):
            layer = nn.Conv2d(old.in_channels, num_classes, kernel_size=1, **args)
        else:
            layer = nn.Linear(old.in_features, num_classes, **args)
        setattr(parent, name.split(".")[-1], layer)

    if hasattr(model, "num_classes"):
        model.num_classes = num_classes
    if freeze_backbone:
        for name, p in model.named_parameters():
            p.requires_grad = name.rpartition(".")[0] in heads
    return model
