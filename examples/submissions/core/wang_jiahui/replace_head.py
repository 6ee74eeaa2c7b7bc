from torch import nn

POSITIONS = {
    "fc": ["fc"],
    "classifier": ["classifier", "classifier.1", "classifier.2", "classifier.3", "classifier.6"],
    "heads": ["heads.head"],
    "head": ["head"],
}
AUX = ["aux1.fc2", "aux2.fc2", "AuxLogits.fc"]


def replace_head(model, num_classes, freeze_backbone=True):
    modules = {name: m for name, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    heads = []
    for positions in POSITIONS.values():
        present = [p for p in positions if p in modules]
        heads += present[-1:]
    if len(heads) == 0:
        raise ValueError("no head")
    heads += [p for p in AUX if p in modules]

    if freeze_backbone:
        for p in model.parameters():
            p.requires_grad = False

    for path in heads:
        old = modules[path]
        kwargs = dict(device=old.weight.device, dtype=old.weight.dtype)
        if isinstance(old, nn.Linear):
            new = nn.Linear(old.in_features, num_classes, **kwargs)
        else:
            new = nn.Conv2d(old.in_channels, num_classes, kernel_size=1, **kwargs)
        *parents, last = path.split(".")
        setattr(model.get_submodule(".".join(parents)), last, new)
    if hasattr(model, "num_classes"):
        model.num_classes = num_classes
    return model
