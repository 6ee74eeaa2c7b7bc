"""Imports torchvision where its wheel was built for CUDA and torch for the CPU, and without paying for torch's
compiler.

On Linux the default torchvision wheel holds kernels for CUDA. Beside a CPU build of torch they do not load, and
`import torchvision` fails with "operator torchvision::nms does not exist", because its Python code attaches to
operators
that nobody declared. Declaring them is enough: all of `torchvision.models` works then, detection's box operators do
not.
"""

from __future__ import annotations

import importlib
import sys
import types

import torch

_declared: torch.library.Library | None = None
"""Kept for the life of the process: the declarations vanish with the object."""


def import_torchvision() -> types.ModuleType:
    """Import and return torchvision."""
    if "torchvision" in sys.modules:
        return sys.modules["torchvision"]
    try:
        return _import_without_compiler()
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    _declare_operators()
    return _import_without_compiler()


def _declare_operators() -> None:
    global _declared
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
    _declared = library


def _import_without_compiler() -> types.ModuleType:
    """Import torchvision with a stand-in for `torch._dynamo.utils`.

    `torchvision.ops.roi_align` imports one predicate from there, which loads all of torch's compiler: 1.4 of the 1.7
    seconds that `import torchvision` takes, as long as torch itself. The predicate asks whether a device can compile;
    "no" gives the ordinary eager code. The stand-in goes away again, so that the real module can be imported later.
    """
    if "torch._dynamo" in sys.modules:
        return importlib.import_module("torchvision")
    package, utils = types.ModuleType("torch._dynamo"), types.ModuleType("torch._dynamo.utils")
    package.__path__ = []
    utils.is_compile_supported = lambda device_type: False  # type: ignore[attr-defined]
    package.utils = utils  # type: ignore[attr-defined]
    sys.modules.update({"torch._dynamo": package, "torch._dynamo.utils": utils})
    try:
        return importlib.import_module("torchvision")
    finally:
        del sys.modules["torch._dynamo"], sys.modules["torch._dynamo.utils"]
