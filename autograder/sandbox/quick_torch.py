"""Spares every process the import of torch's compiler, and of sympy, which take longer than torch itself.

Ordinary code needs next to nothing of them: gradients compare shapes through `torch.fx.experimental.symbolic_shapes`,
and optimizers, torchvision and operations without memory ask the compiler to leave them alone.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable
from typing import Any

import torch


class _PutOff(types.ModuleType):
    """Stands in for a module until something else of it is wanted; then the real one is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        return getattr(self._real(), name)

    def _real(self) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return importlib.import_module(self.__name__)


class _SymbolicShapes(_PutOff):
    """What is asked about plain sizes."""

    def expect_true(self, condition: Any, skip: int = 0) -> Any:
        if isinstance(condition, bool):
            return condition
        return self._real().expect_true(condition, skip)

    def is_nested_int(self, size: Any) -> Any:
        return isinstance(size, torch.SymInt) and self._real().is_nested_int(size)

    def sym_eq(self, one: Any, other: Any) -> Any:
        plain = isinstance(one, tuple) and isinstance(other, tuple)
        if plain and all(type(size) is int for size in (*one, *other)):
            return tuple(one) == tuple(other)
        return self._real().sym_eq(one, other)


class _Compiler(_PutOff):
    """What is asked of a compiler that compiles nothing."""

    @property
    def __path__(self) -> Any:  # type: ignore[override]
        """Where the import of a module in this package looks for it."""
        return self._real().__path__

    def disable(self, function: Callable[..., Any], *args: Any, **options: Any) -> Callable[..., Any]:
        return function

    def graph_break(self, msg: str = "") -> None: ...


class _CompilerUtilities(_PutOff):
    """What torchvision asks. "No" gives ordinary code."""

    def is_compile_supported(self, device_type: str) -> bool:
        return False


def put_off_the_compiler() -> None:
    """Put stand-ins where imports look first, unless the modules have been imported already."""
    for name, kind in (
        ("torch.fx.experimental.symbolic_shapes", _SymbolicShapes),
        ("torch._dynamo", _Compiler),
        ("torch._dynamo.utils", _CompilerUtilities),
    ):
        if name not in sys.modules:
            sys.modules[name] = kind(name)
