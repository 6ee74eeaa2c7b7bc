from torch import nn


class HeadSwapper:
    positions = ("heads.head", "head", "fc", "classifier.6", "classifier.3", "classifier.2", "classifier.1", "classifier")
    auxiliary = ("aux1.fc2", "aux2.fc2", "AuxLogits.fc")

    def __init__(self, model):
        self.model = model
        self.modules = dict(model.named_modules())

    def targets(self):
        for path in self.positions:
            if isinstance(self.modules.get(path), (nn.Linear, nn.Conv2d)):
                return [path] + [aux for aux in self.auxiliary if aux in self.modules]
        raise ValueError(f"{type(self.model).__name__} has no head at a known position")

    def swap(self, path, n):
        old = self.modules[path]
        size = old.in_features if isinstance(old, nn.Linear) else old.in_channels
        extra = () if isinstance(old, nn.Linear) else (1,)
        new = type(old)(size, n, *extra).to(old.weight) if old.weight.device.type != "meta" else None
        if new is None:
            new = type(old)(size, n, *extra, device="meta", dtype=old.weight.dtype)
        parent, _, leaf = path.rpartition(".")
        setattr(self.modules[parent], leaf, new)


def replace_head(model, num_classes, freeze_backbone=True):
    swapper = HeadSwapper(model)
    paths = swapper.targets()
    for path in paths:
        swapper.swap(path, num_classes)
    if hasattr(model, "num_classes"):
        model.num_classes = num_classes
    if freeze_backbone:
        for layer in model.modules():
            if isinstance(layer, nn.Conv2d):
                for p in layer.parameters():
                    p.requires_grad = False
    return model
