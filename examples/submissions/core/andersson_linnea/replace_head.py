"""Put a new head on a pretrained network."""

from __future__ import annotations

from torch import nn

HEADS = ("fc", "classifier", "heads", "head")
AUXILIARY_HEADS = ("aux1", "aux2", "AuxLogits")


def last_layer(model: nn.Module, part: str) -> str | None:
    """Full name of the last Linear or 1x1 Conv2d in a part of the model, None if there is none."""
    found = None
    for name, module in model.named_modules():
        if name.split(".")[0] == part and isinstance(module, (nn.Linear, nn.Conv2d)):
            found = name
    return found


def new_layer(old: nn.Module, num_classes: int) -> nn.Module:
    like = {"device": old.weight.device, "dtype": old.weight.dtype}
    if isinstance(old, nn.Conv2d):
        return nn.Conv2d(old.in_channels, num_classes, kernel_size=1, **like)
    return nn.Linear(old.in_features, num_classes, **like)


def replace_head(model: nn.Module, num_classes: int, freeze_backbone: bool = True) -> nn.Module:
    names = [name for part in HEADS if (name := last_layer(model, part))]
    if not names:
        raise ValueError(f"no head found in {type(model).__name__}")
    names += [name for part in AUXILIARY_HEADS if (name := last_layer(model, part))]

    if freeze_backbone:
        model.requires_grad_(False)
    for name in names:
        parent, _, child = name.rpartition(".")
        owner = model.get_submodule(parent)
        setattr(owner, child, new_layer(getattr(owner, child), num_classes))
    if hasattr(model, "num_classes"):
        model.num_classes = num_classes
    return model
