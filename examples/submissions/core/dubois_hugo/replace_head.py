import torch.nn as nn

def last_linear(sequential):
    for i in range(len(sequential) - 1, -1, -1):
        if isinstance(sequential[i], (nn.Linear, nn.Conv2d)):
            return i
    raise ValueError('no layer to replace')

def replace_head(model, num_classes, freeze_backbone=True):
    if not any(hasattr(model, n) for n in ('fc', 'classifier', 'heads', 'head')):
        raise ValueError('unknown model ' + type(model).__name__)

    if freeze_backbone:
        for p in model.parameters():
            p.requires_grad = False

    def new(old):
        if isinstance(old, nn.Conv2d):
            layer = nn.Conv2d(old.in_channels, num_classes, 1)
        else:
            layer = nn.Linear(old.in_features, num_classes)
        return layer.to(old.weight.device, old.weight.dtype)

    if hasattr(model, 'fc'):
        model.fc = new(model.fc)
    elif hasattr(model, 'heads'):
        model.heads.head = new(model.heads.head)
    elif hasattr(model, 'head'):
        model.head = new(model.head)
    elif isinstance(model.classifier, nn.Sequential):
        i = last_linear(model.classifier)
        model.classifier[i] = new(model.classifier[i])
    else:
        model.classifier = new(model.classifier)

    if getattr(model, 'aux1', None) is not None:
        model.aux1.fc2 = new(model.aux1.fc2)
        model.aux2.fc2 = new(model.aux2.fc2)
    if getattr(model, 'AuxLogits', None) is not None:
        model.AuxLogits.fc = new(model.AuxLogits.fc)
    if hasattr(model, 'num_classes'):
        model.num_classes = num_classes
    return model
