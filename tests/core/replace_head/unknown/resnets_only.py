from torch import nn


def replace_head(model, num_classes, freeze_backbone=True):
    if not hasattr(model, "fc"):
        raise ValueError("this function is for ResNets")
    if freeze_backbone:
        model.requires_grad_(False)
    model.fc = nn.Linear(model.fc.in_features, num_classes, device=model.fc.weight.device, dtype=model.fc.weight.dtype)
    return model
