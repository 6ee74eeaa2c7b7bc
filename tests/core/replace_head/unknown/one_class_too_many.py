from torch import nn

PLACES = ("fc", "classifier", "classifier.1", "classifier.2", "classifier.3", "classifier.6", "heads.head", "head")
AUXILIARY = ("aux1.fc2", "aux2.fc2", "AuxLogits.fc")


def replace_head(model, num_classes, freeze_backbone=True):
    layers = dict(model.named_modules())
    found = [place for place in PLACES if isinstance(layers.get(place), (nn.Linear, nn.Conv2d))]
    if not found:
        raise ValueError("no head at any known place")
    model.requires_grad_(not freeze_backbone)
    for place in [found[-1], *(aux for aux in AUXILIARY if aux in layers)]:
        old = layers[place]
        where = {"device": old.weight.device, "dtype": old.weight.dtype}
        if isinstance(old, nn.Conv2d):
            new = nn.Conv2d(old.in_channels, num_classes + 1, 1, **where)
            model.num_classes = num_classes
        else:
            new = nn.Linear(old.in_features, num_classes + 1, **where)
        parent, _, name = place.rpartition(".")
        setattr(layers[parent], name, new)
    return model
