"""changes only the number that the old head says it has

`out_features` is a note for printing. The weight keeps its shape, so the model still gives the old number of
scores.

Costs more: no layer is new afterwards, so nothing that is asked about the new model holds.

Hint: Look at `model.fc.weight.shape` after your change. Which tensor decides the size of the output?
"""

from torch import nn


def head_names(model):
    names = []
    for part in ("fc", "classifier", "heads", "head", "aux1", "aux2", "AuxLogits"):
        layers = [
            name
            for name, layer in model.named_modules()
            if name.split(".")[0] == part and isinstance(layer, (nn.Linear, nn.Conv2d))
        ]
        names += layers[-1:]
    return names


def resize(layer, num_classes):
    if isinstance(layer, nn.Conv2d):
        layer.out_channels = num_classes
    else:
        layer.out_features = num_classes
    layer.requires_grad_(True)


def replace_head(model, num_classes, freeze_backbone=True):
    names = head_names(model)
    if not names:
        raise ValueError("this model has no head that I know")
    if freeze_backbone:
        for parameter in model.parameters():
            parameter.requires_grad = False
    for name in names:
        resize(model.get_submodule(name), num_classes)
    if hasattr(model, "num_classes"):
        model.num_classes = num_classes
    return model
