"""The networks of `replace_head` that torchvision cannot make small: of its own classes, with small layers.

Their constructors would make layers of full size first, which takes longer than all that is asked afterwards. So they
are not called: what they set, and what they make last, is set here. Those of GoogLeNet and Inception take small blocks.

The heads come with the suite's question: to build them, the host gives torch its defaults back, and so all of a network
is built under these.
"""

from __future__ import annotations

from typing import Any

from torch import nn
from torchvision.models import VGG, AlexNet, GoogLeNet, Inception3, MNASNet, ResNet, SqueezeNet
from torchvision.models.googlenet import InceptionAux as GoogLeNetAux
from torchvision.models.inception import InceptionAux


def made(kind: type[nn.Module], **members: Any) -> nn.Module:
    """A `kind` with these attributes and modules, which it has in this order, without a call of its constructor."""
    model = kind.__new__(kind)
    nn.Module.__init__(model)
    for name, value in members.items():
        setattr(model, name, value)
    return model


def hidden(inputs: int, outputs: int) -> list[nn.Module]:
    return [nn.Linear(inputs, outputs), nn.ReLU(inplace=True)]


def resnet(head: nn.Module) -> nn.Module:
    """Four channels, then 512 features, as ResNet-18 has. ResNeXt is of the same class."""
    return made(
        ResNet,
        _norm_layer=nn.Identity,
        inplanes=512,
        dilation=1,
        groups=1,
        base_width=64,
        conv1=nn.Conv2d(3, 4, 3),
        bn1=nn.BatchNorm2d(4),
        relu=nn.ReLU(inplace=True),
        maxpool=nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        layer1=nn.BatchNorm2d(4),
        layer2=nn.Identity(),
        layer3=nn.Identity(),
        layer4=nn.Conv2d(4, 512, 1),
        avgpool=nn.AdaptiveAvgPool2d((1, 1)),
        fc=head,
    )


def mnasnet(head: nn.Linear) -> nn.Module:
    classifier = nn.Sequential(nn.Dropout(0.2, inplace=True), head)
    return made(MNASNet, alpha=0.1, num_classes=head.out_features, layers=nn.Conv2d(3, 1280, 3), classifier=classifier)


def alexnet(head: nn.Linear) -> nn.Module:
    classifier = nn.Sequential(nn.Dropout(), *hidden(5, 6), nn.Dropout(), *hidden(6, 4096), head)
    return made(AlexNet, features=nn.Conv2d(3, 5, 3), avgpool=nn.AdaptiveAvgPool2d(1), classifier=classifier)


def vgg(head: nn.Linear) -> nn.Module:
    classifier = nn.Sequential(*hidden(5, 6), nn.Dropout(), *hidden(6, 4096), nn.Dropout(), head)
    return made(VGG, features=nn.Conv2d(3, 5, 3), avgpool=nn.AdaptiveAvgPool2d(1), classifier=classifier)


def squeezenet(head: nn.Conv2d) -> nn.Module:
    classifier = nn.Sequential(nn.Dropout(), head, nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d((1, 1)))
    return made(SqueezeNet, num_classes=head.out_channels, features=nn.Conv2d(3, 512, 3), classifier=classifier)


def googlenet(head: nn.Linear, *auxiliary: nn.Linear) -> nn.Module:
    """With both auxiliary heads, or without."""
    heads = iter(auxiliary)

    def classifier(channels: int, num_classes: int, dropout: float) -> nn.Module:
        layers = {"conv": nn.Conv2d(3, 2, 1), "fc1": nn.Linear(32, 1024), "fc2": next(heads)}
        return made(GoogLeNetAux, **layers, dropout=nn.Dropout(dropout))

    blocks = [nn.Identity, nn.Identity, classifier]
    model: nn.Module = GoogLeNet(1, aux_logits=bool(auxiliary), init_weights=False, blocks=blocks)
    model.inception5b, model.fc = nn.Conv2d(3, 1024, 1), head
    return model


def inception(head: nn.Linear, *auxiliary: nn.Linear) -> nn.Module:
    """With the auxiliary head, which pools 5x5 pixels and so gets images that were pooled once less; or without."""

    def classifier(channels: int, num_classes: int) -> nn.Module:
        return made(InceptionAux, conv0=nn.Conv2d(3, 4, 1), conv1=nn.Conv2d(4, 768, 1), fc=auxiliary[0])

    blocks = [*[nn.Identity] * 6, classifier]
    model: nn.Module = Inception3(1, aux_logits=bool(auxiliary), init_weights=False, inception_blocks=blocks)
    model.Mixed_7c, model.fc = nn.Conv2d(3, 2048, 1), head
    if auxiliary:
        model.maxpool1 = nn.Identity()
    return model
