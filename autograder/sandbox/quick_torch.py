"""Spares every process that takes gradients the import of sympy.

`torch.autograd.backward` compares the shape of each upstream gradient through `torch.fx.experimental.symbolic_shapes`.
Importing that takes half a second in each fresh worker, for two functions that do next to nothing with plain sizes.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any

_NAME = "torch.fx.experimental.symbolic_shapes"


class _SymbolicShapes(types.ModuleType):
    """Stands in for the module until something else of it, or a symbolic size, is wanted; then the real one is used."""

    def expect_true(self, condition: Any, skip: int = 0) -> Any:
        if isinstance(condition, bool):
            return condition
        return self._real().expect_true(condition, skip)

    def sym_eq(self, one: Any, other: Any) -> Any:
        plain = isinstance(one, tuple) and isinstance(other, tuple)
        if plain and all(type(size) is int for size in (*one, *other)):
            return tuple(one) == tuple(other)
        return self._real().sym_eq(one, other)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        return getattr(self._real(), name)

    def _real(self) -> Any:
        if sys.modules.get(_NAME) is self:
            del sys.modules[_NAME]
        return importlib.import_module(_NAME)


def put_off_symbolic_shapes() -> None:
    """Put the stand-in where the import looks first, unless the module has been imported already."""
    if _NAME not in sys.modules:
        sys.modules[_NAME] = _SymbolicShapes(_NAME)
