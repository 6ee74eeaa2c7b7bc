"""starts every layer norm anew

Layer norms are pretrained as all other layers of a ViT, a Swin or a ConvNeXt are. Started anew, they scale the features
otherwise than the layers after them have learnt.

Hint: Give the layer norms of a ViT other values, then call your function. What are they afterwards? Which of your lines
touches a layer that stays?
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
    for module in model.modules():
        if isinstance(module, nn.LayerNorm):
            module.reset_parameters()
    if hasattr(model, "num_classes"):
        model.num_classes = num_classes
    return model
