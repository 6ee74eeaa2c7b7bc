"""Runs beside the code: makes AlexNet small, and looks at what goes into its layers."""

import torch
from torch import nn

# Number of the layer in `features`, and its kernel, stride and padding.
GEOMETRY = {"0": (11, 4, 2), "3": (5, 1, 2), "6": (3, 1, 1), "8": (3, 1, 1), "10": (3, 1, 1)}


def small_classifier(model, hidden, num_classes):
    """Put small linear layers into the places of the large ones. 9216 numbers go into the first one, as ever."""
    first, second = hidden
    model.classifier.set_submodule("1", nn.Linear(9216, first))
    model.classifier.set_submodule("4", nn.Linear(first, second))
    model.classifier.set_submodule("6", nn.Linear(second, num_classes))
    return model


def small(model, widths, hidden, num_classes):
    """Put small layers into the places of all eight, with AlexNet's kernels, strides and paddings. `widths` are those
    of the first four convolutions; the last one gives 256 maps, as ever.
    """
    channels = 3
    for (name, geometry), width in zip(GEOMETRY.items(), (*widths, 256), strict=True):
        model.features.set_submodule(name, nn.Conv2d(channels, width, *geometry))
        channels = width
    return small_classifier(model, hidden, num_classes)


def narrow(model, widths, hidden, num_classes):
    """Put narrow layers into the places of all eight: convolutions with the kernels, strides, paddings, dilations and
    groups of those that were made.
    """
    channels = 3
    for name, width in zip(GEOMETRY, (*widths, 256), strict=True):
        own = model.features.get_submodule(name)
        options = own.kernel_size, own.stride, own.padding, own.dilation, own.groups
        model.features.set_submodule(name, nn.Conv2d(channels, width, *options, padding_mode=own.padding_mode))
        channels = width
    return small_classifier(model, hidden, num_classes)


def seen_by(model, layers, x):
    """The inputs of the named layers in one forward, and the output."""
    seen = {}

    def note(name):
        return lambda _, inputs: seen.update((name, given.detach().clone()) for given in inputs[:1])

    hooks = [model.get_submodule(name).register_forward_pre_hook(note(name)) for name in layers]
    with torch.no_grad():
        out = model(x)
    for hook in hooks:
        hook.remove()
    return seen, out
