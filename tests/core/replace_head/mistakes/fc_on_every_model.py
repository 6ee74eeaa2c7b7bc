"""sets `model.fc` in every network

A network whose head has another name gets a layer `fc` that its `forward` never calls. The old head still
makes the output, and it is frozen.

Hint: Python lets you set any attribute. Run the model: has the shape of the output changed? Which name does
its head have?
"""

from torch import nn


def replace_head(model, num_classes, freeze_backbone=True):
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    if not layers:
        raise ValueError("this model has no head that I know")
    if freeze_backbone:
        for parameter in model.parameters():
            parameter.requires_grad = False
    old = layers[-1]
    model.fc = nn.Linear(old.in_features, num_classes, device=old.weight.device, dtype=old.weight.dtype)
    return model
