"""puts a softmax behind the new head

The outputs are probabilities that sum to one. `CrossEntropyLoss` applies log-softmax itself, so training
takes the softmax twice and its gradients nearly vanish.

Hint: What should the model return, logits or probabilities? Which of them does the loss expect?
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


class SoftmaxLinear(nn.Linear):
    def forward(self, x):
        return super().forward(x).softmax(dim=-1)


class SoftmaxConv2d(nn.Conv2d):
    def forward(self, x):
        return super().forward(x).softmax(dim=1)


def new_layer(old, num_classes):
    options = {"device": old.weight.device, "dtype": old.weight.dtype}
    if isinstance(old, nn.Conv2d):
        return SoftmaxConv2d(old.in_channels, num_classes, 1, **options)
    return SoftmaxLinear(old.in_features, num_classes, **options)


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
    if hasattr(model, "num_classes"):
        model.num_classes = num_classes
    return model
