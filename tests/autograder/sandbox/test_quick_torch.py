"""What asks torch's compiler to leave it alone does the same without importing it."""

from __future__ import annotations

import subprocess

import pytest

MOVED = """
import sys
import torch
from torch import nn

if {settled}:
    from autograder.sandbox.surroundings import settle_torch
    settle_torch()
moved = []
for kind in (torch.optim.SGD, torch.optim.AdamW):
    p = nn.Parameter(torch.tensor([1.0, -2.0]))
    optimizer = kind([p], lr=0.1, weight_decay=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        loss = optimizer.step(lambda: (p**3).sum().backward())
    optimizer.load_state_dict(optimizer.state_dict())
    moved.append((torch.is_grad_enabled(), p.requires_grad, p.tolist()))
print("torch._dynamo.convert_frame" in sys.modules, moved)
"""
WITHOUT_MEMORY = """
import sys
import torch
from torch import nn
from autograder.sandbox.surroundings import settle_torch

settle_torch()
with torch.device("meta"):
    x = torch.zeros(2, 3, 9, 9)
    layers = [nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 5)]
shape = tuple(nn.Sequential(*layers)(x).shape)
before = "torch._dynamo.convert_frame" in sys.modules
import torch._dynamo.config
print(shape, before, torch._dynamo.config.__name__, torch._dynamo.__name__, callable(torch._dynamo.optimize))
"""
WITHOUT_SYMPY = """
import sys
import torch
from torch import nn
from autograder.sandbox.quick_torch import put_off_libraries
from autograder.sandbox.surroundings import settle_torch

settle_torch()
put_off_libraries()
with torch.device("meta"):
    x = torch.zeros(2, 3, 9, 9)
    x = torch.cat([x.sigmoid() * x.mean((2, 3), keepdim=True), torch.empty_like(x)[:, :, [0] * 9].softmax(1)], 1)
    x = nn.functional.interpolate(nn.GroupNorm(2, 6)(x), scale_factor=2, mode="bilinear")
    try:
        x + x[:, :4]
    except RuntimeError as refused:
        said = "broadcast" in str(refused)
before = "sympy.core" in sys.modules
import sympy
a = sympy.Symbol("a")
print(tuple(x.shape), said, before, sympy.expand((a + 1) ** 2), isinstance(a, sympy.Basic), sympy.__version__ > "1")
import sympy.core
print(sympy.core.__name__, torch._prims_common.elementwise_dtypes(
    a, type_promotion_kind=torch._prims_common.ELEMENTWISE_TYPE_PROMOTION_KIND.DEFAULT
)[0])
"""

WITHOUT_DATASETS = """
import sys
import torch
from autograder.sandbox.quick_torch import put_off_libraries
from autograder.sandbox.vision import import_torchvision

put_off_libraries()
torchvision = import_torchvision()
before = "torchvision.datasets.mnist" in sys.modules
from torchvision import datasets
data = datasets.FakeData(2, (3, 4, 5), transform=torchvision.transforms.ToTensor())
print(before, tuple(data[0][0].shape), torchvision.datasets.FakeData is datasets.FakeData)
import torchvision.datasets.mnist
from torchvision.datasets import *
print(torchvision.datasets.mnist.MNIST is MNIST, torchvision.datasets.__name__, torchvision.models.get_model("alexnet"))
"""


@pytest.fixture
def printed(python):
    """What a program prints that a Python runs whose torch is imported, and nothing of the compiler."""
    return lambda program: (
        subprocess.run([python, "-c", program], capture_output=True, text=True, check=True, timeout=600).stdout
    )


def test_optimizers_do_the_same_without_the_compiler(printed):
    (imported, moved), (usually, expected) = (
        printed(MOVED.format(settled=settled)).split(" ", 1) for settled in (True, False)
    )
    assert (imported, usually) == ("False", "True")
    assert moved == expected


def test_operations_without_memory_do_not_import_the_compiler_and_who_asks_for_it_gets_it(printed):
    assert printed(WITHOUT_MEMORY) == "(2, 5) False torch._dynamo.config torch._dynamo True\n"


def test_torchvision_does_not_import_its_datasets_and_who_asks_for_them_gets_them(printed):
    before, later = printed(WITHOUT_DATASETS).split("\n", 1)
    assert before == "False (3, 4, 5) True"
    assert later.startswith("True torchvision.datasets AlexNet(")


def test_operations_without_memory_do_not_import_sympy_and_who_asks_for_it_gets_it(printed):
    assert printed(WITHOUT_SYMPY).splitlines() == [
        "(2, 6, 18, 18) True False a**2 + 2*a + 1 True True",
        "sympy.core torch.float32",
    ]
