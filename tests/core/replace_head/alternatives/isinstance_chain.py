"""asks which architecture of torchvision it has

Every class of torchvision keeps its head at one position, so the type of the model says where it is.
"""

from torch import nn
from torchvision import models


def linear(old, num_classes):
    return nn.Linear(old.in_features, num_classes).to(device=old.weight.device, dtype=old.weight.dtype)


def replace_head(model, num_classes, freeze_backbone=True):
    known = (
        models.ResNet, models.ShuffleNetV2, models.RegNet, models.GoogLeNet, models.Inception3, models.DenseNet,
        models.MobileNetV2, models.EfficientNet, models.MNASNet, models.SqueezeNet, models.ConvNeXt,
        models.MobileNetV3, models.AlexNet, models.VGG, models.VisionTransformer, models.SwinTransformer,
    )  # fmt: skip
    if not isinstance(model, known):
        raise ValueError(f"do not know where {type(model).__name__} keeps its head")
    if freeze_backbone:
        for parameter in model.parameters():
            parameter.requires_grad = False

    if isinstance(model, models.SqueezeNet):
        old = model.classifier[1]
        new = nn.Conv2d(old.in_channels, num_classes, 1).to(device=old.weight.device, dtype=old.weight.dtype)
        model.classifier[1] = new
        model.num_classes = num_classes
    elif isinstance(model, models.DenseNet):
        model.classifier = linear(model.classifier, num_classes)
    elif isinstance(model, models.VisionTransformer):
        model.heads.head = linear(model.heads.head, num_classes)
        model.num_classes = num_classes
    elif isinstance(model, models.SwinTransformer):
        model.head = linear(model.head, num_classes)
    elif hasattr(model, "classifier"):
        model.classifier[-1] = linear(model.classifier[-1], num_classes)
    else:
        model.fc = linear(model.fc, num_classes)
    if isinstance(model, models.GoogLeNet):
        for auxiliary in (model.aux1, model.aux2):
            if auxiliary is not None:
                auxiliary.fc2 = linear(auxiliary.fc2, num_classes)
    if isinstance(model, models.Inception3) and model.AuxLogits is not None:
        model.AuxLogits.fc = linear(model.AuxLogits.fc, num_classes)
    return model
