"""puts the layer in with `set_submodule`

`set_submodule` of torch takes the dotted name itself and keeps the order of the layers.
"""

from torch import nn


def is_head(layer):
    return isinstance(layer, nn.Linear) or (isinstance(layer, nn.Conv2d) and layer.kernel_size == (1, 1))


def replace_head(model, num_classes, freeze_backbone=True):
    layers = {name: layer for name, layer in model.named_modules() if is_head(layer)}
    last = {name.split(".")[0]: name for name in layers}
    if last.keys().isdisjoint({"fc", "classifier", "heads", "head"}):
        raise ValueError("no classifier in this model")
    heads = [last[part] for part in ("fc", "classifier", "heads", "head", "aux1", "aux2", "AuxLogits") if part in last]

    if freeze_backbone:
        model.requires_grad_(False)
    for name in heads:
        old = layers[name]
        new = type(old)(old.weight.shape[1], num_classes, *[1] * (old.weight.dim() == 4), device=old.weight.device)
        model.set_submodule(name, new.to(old.weight.dtype))
    if isinstance(getattr(model, "num_classes", None), int):
        model.num_classes = num_classes
    return model
