"""Imports torchvision where its wheel was built for CUDA and torch for the CPU.

On Linux the default torchvision wheel holds kernels for CUDA. Beside a CPU build of torch they do not load, and
`import torchvision` fails with "operator torchvision::nms does not exist", because its Python code attaches to
operators that nobody declared. Declaring them is enough: all of `torchvision.models` works then, detection's box
operators do not.
"""

from __future__ import annotations

import functools
import importlib
import sys
import types

import torch

from autograder.sandbox.quick_torch import put_off_the_compiler


def import_torchvision() -> types.ModuleType:
    """Import and return torchvision."""
    if "torchvision" in sys.modules:
        return sys.modules["torchvision"]
    put_off_the_compiler()
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    _declare_operators()
    return importlib.import_module("torchvision")


@functools.cache
def _declare_operators() -> torch.library.Library:
    """Kept by the cache for the life of the process: the declarations vanish with the object."""
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
    return library
