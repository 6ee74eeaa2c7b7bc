import torch
from torch import nn


def replace_head(model, num_classes: int, freeze_backbone: bool = True):
    # new last layer
    if hasattr(model, "fc"):
        model.fc = nn.Linear(model.fc.in_features, num_classes)
    else:
        model.classifier = nn.Linear(model.classifier.in_features, num_classes)

    # freeze everything except the last layer
    if freeze_backbone:
        for name, p in model.named_parameters():
            if "fc" not in name and "classifier" not in name:
                p.requires_grad = False
    return model
