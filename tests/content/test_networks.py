"""The networks that `replace_head` is asked with, where they are made without torchvision's constructors: what these
leave has to be there, whichever version of torchvision is installed.
"""

from __future__ import annotations

import runpy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from catalogue import ROOT
from torch import nn
from torchvision import models
from torchvision.models.googlenet import InceptionAux as GoogLeNetAux
from torchvision.models.inception import InceptionAux
from torchvision.models.resnet import BasicBlock

CLASSES = 7
BY_TORCHVISION: dict[str, Callable[[], nn.Module]] = {
    "resnet": lambda: models.ResNet(BasicBlock, [1, 1, 1, 1], CLASSES, norm_layer=nn.Identity),
    "mnasnet": lambda: models.MNASNet(0.1, CLASSES),
    "alexnet": lambda: models.AlexNet(CLASSES),
    "vgg": lambda: models.VGG(nn.Identity(), CLASSES),
    "squeezenet": lambda: models.SqueezeNet("1_1", CLASSES),
    "googlenet": lambda: models.GoogLeNet(CLASSES, init_weights=False),
    "inception": lambda: models.Inception3(CLASSES, init_weights=False),
}
AUXILIARY = {"aux1": GoogLeNetAux, "aux2": GoogLeNetAux, "AuxLogits": InceptionAux}


def attributes(module: nn.Module) -> dict[str, Any]:
    """All but parameters, buffers and modules; of the modules, the names."""
    inside = ("_parameters", "_buffers", "_modules")
    return {name: list(value) if name in inside else value for name, value in vars(module).items()}


@pytest.mark.parametrize("name", BY_TORCHVISION)
def test_replace_head_is_asked_with_what_torchvision_makes(name: str) -> None:
    beside = runpy.run_path(str(ROOT / "tests/core/replace_head/beside.py"))
    with torch.device("meta"):
        expected = BY_TORCHVISION[name]()
        head = nn.Conv2d(512, CLASSES, 1) if name == "squeezenet" else nn.Linear(8, CLASSES)
        made = beside[name](head, *[nn.Linear(8, CLASSES) for part in AUXILIARY if hasattr(expected, part)])
    assert type(made) is type(expected)
    assert attributes(made) == attributes(expected)
    for part, child in expected.named_children():
        if part == "classifier":  # dropout and all: only the sizes are others
            layers, other = (
                [repr(layer).partition("in_features")[0] for layer in each] for each in (made.classifier, child)
            )
            assert layers == other
        elif part in AUXILIARY:
            assert type(getattr(made, part)) is AUXILIARY[part]
            assert attributes(getattr(made, part)) == attributes(child)
