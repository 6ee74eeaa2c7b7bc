"""expects every GoogLeNet and Inception to have auxiliary heads

With `aux_logits=False`, as when pretrained GoogLeNet weights are loaded, `model.aux1` exists and is None.
Then an AttributeError is raised, on a model that is already frozen.

Hint: `hasattr(model, "aux1")` is true for an attribute that is None. What does
`googlenet(aux_logits=False).aux1` give?
"""

from torch import nn


def head_names(model):
    names = []
    for part in ("fc", "classifier", "heads", "head"):
        layers = [
            name
            for name, layer in model.named_modules()
            if name.split(".")[0] == part and isinstance(layer, (nn.Linear, nn.Conv2d))
        ]
        names += layers[-1:]
    return names


def new_layer(old, num_classes):
    options = {"device": old.weight.device, "dtype": old.weight.dtype}
    if isinstance(old, nn.Conv2d):
        return nn.Conv2d(old.in_channels, num_classes, 1, **options)
    return nn.Linear(old.in_features, num_classes, **options)


def replace_head(model, num_classes, freeze_backbone=True):
    names = head_names(model)
    if not names:
        raise ValueError("this model has no head that I know")
    if freeze_backbone:
        for parameter in model.parameters():
            parameter.requires_grad = False
    for name in names:
        parent, _, attribute = name.rpartition(".")
        owner = model.get_submodule(parent)
        old = getattr(owner, attribute)
        setattr(owner, attribute, new_layer(old, num_classes))
    if hasattr(model, "aux1"):
        model.aux1.fc2 = new_layer(model.aux1.fc2, num_classes)
        model.aux2.fc2 = new_layer(model.aux2.fc2, num_classes)
    if hasattr(model, "AuxLogits"):
        model.AuxLogits.fc = new_layer(model.AuxLogits.fc, num_classes)
    if hasattr(model, "num_classes"):
        model.num_classes = num_classes
    return model
