"""Imports torchvision where its wheel was built for CUDA and torch for the CPU.

On Linux the default torchvision wheel holds kernels for CUDA. Beside a CPU build of torch they do not load, and
`import torchvision` fails with "operator torchvision::nms does not exist", because its Python code attaches to
operators that nobody declared. Declaring them before is enough: all of `torchvision.models` works then, detection's box
operators do not. Afterwards would be too late: what an import that fails has registered may still be there.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import sys
import types
from pathlib import Path

import torch

from autograder.sandbox.quick_torch import put_off_the_compiler


def import_torchvision() -> types.ModuleType:
    """Import and return torchvision."""
    if "torchvision" not in sys.modules:
        put_off_the_compiler()
        if sys.platform == "linux":
            _declare_operators()
    return importlib.import_module("torchvision")


@functools.cache
def _declare_operators() -> torch.library.Library | None:
    """Declare what torchvision's own library does not, if that cannot be loaded. Kept by the cache for the life of the
    process: the declarations vanish with the object.
    """
    found = importlib.util.find_spec("torchvision")
    if found is None or found.origin is None:
        return None
    for file in Path(found.origin).parent.glob("_C.*"):
        with contextlib.suppress(OSError):
            torch.ops.load_library(file)  # type: ignore[no-untyped-call]
    if hasattr(torch.ops.torchvision, "nms"):
        return None
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
    return library
