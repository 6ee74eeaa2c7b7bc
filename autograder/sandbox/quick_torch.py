"""Spares every process what torch does in vain: the import of its compiler, and of sympy, which take longer than torch
itself, of torchvision's datasets and its export to ONNX, and what torch works out in Python about random numbers for
tensors without memory.

Ordinary code needs next to nothing of them: gradients and operations without memory compare shapes through
`torch.fx.experimental.symbolic_shapes`, some of these ask whether a number is one of sympy's, and optimizers and
torchvision ask the compiler to leave them alone.
"""

from __future__ import annotations

import functools
import importlib
import sys
import types
from collections.abc import Callable
from typing import Any

import torch


class _PutOff(types.ModuleType):
    """Stands in for a module until something else of it is wanted; then the real one is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in ("__all__", "__version__"):
            raise AttributeError(name)
        return getattr(self._real(), name)

    def _real(self) -> Any:
        """The module itself, imported if it has not been."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return importlib.import_module(self.__name__)


def _itself(name: str) -> Callable[..., Any]:
    """A method of `_SymbolicShapes` that gives a plain condition back, as the real function does."""

    def method(self: _PutOff, value: Any, *rest: Any) -> Any:
        return value if isinstance(value, bool) else getattr(self._real(), name)(value, *rest)

    return method


class _SymbolicShapes(_PutOff):
    """What is asked about plain sizes, and conditions on them: by gradients, and by operations without memory."""

    expect_true = _itself("expect_true")
    guard_or_false = _itself("guard_or_false")
    guard_or_true = _itself("guard_or_true")
    guard_size_oblivious = _itself("guard_size_oblivious")
    statically_known_true = _itself("statically_known_true")

    def is_nested_int(self, size: Any) -> Any:
        return isinstance(size, torch.SymInt) and self._real().is_nested_int(size)

    def sym_and(self, *conditions: Any) -> Any:
        plain = all(type(condition) is bool for condition in conditions)
        return all(conditions) if plain else self._real().sym_and(*conditions)

    def sym_or(self, *conditions: Any) -> Any:
        plain = all(type(condition) is bool for condition in conditions)
        return any(conditions) if plain else self._real().sym_or(*conditions)

    def has_guarding_hint(self, size: Any) -> Any:
        return type(size) is int or self._real().has_guarding_hint(size)

    def guarding_hint_or_throw(self, size: Any) -> Any:
        return size if type(size) is int else self._real().guarding_hint_or_throw(size)

    def sym_eq(self, one: Any, other: Any) -> Any:
        plain = isinstance(one, tuple) and isinstance(other, tuple)
        if plain and all(type(size) is int for size in (*one, *other)):
            return tuple(one) == tuple(other)
        return self._real().sym_eq(one, other)


class _Package(_PutOff):
    @property
    def __path__(self) -> Any:  # type: ignore[override]
        """Where the import of a module in this package looks for it."""
        return self._real().__path__


class _Compiler(_Package):
    """What is asked of a compiler that compiles nothing."""

    def disable(self, function: Callable[..., Any], *args: Any, **options: Any) -> Callable[..., Any]:
        return function

    def graph_break(self, msg: str = "") -> None: ...


class _CompilerUtilities(_PutOff):
    """What torchvision asks. "No" gives ordinary code."""

    def is_compile_supported(self, device_type: str) -> bool:
        return False


class _OnnxOperators(types.ModuleType):
    """What torchvision does for the export to another format, to which nothing is exported. There is no more in it."""

    def _register_custom_op(self) -> None: ...


class _Expression:
    """Whatever sympy computes with, as long as there is nothing of the kind."""


class _Sympy(_Package):
    """What is asked of numbers whose type is to be found: whether they are expressions."""

    @property
    def Basic(self) -> Any:  # noqa: N802
        return _Expression if sys.modules.get(self.__name__) is self else self._real().Basic


def put_off_the_compiler() -> None:
    """Put stand-ins where imports look first, unless the modules have been imported already."""
    _put_off("torch.fx.experimental.symbolic_shapes", _SymbolicShapes)
    _put_off("torch._dynamo", _Compiler)
    _put_off("torch._dynamo.utils", _CompilerUtilities)


def put_off_libraries() -> None:
    """The same for sympy and for what torchvision imports of its own and graded code hardly asks for: only where
    nothing runs but what is graded.
    """
    _put_off("sympy", _Sympy)
    _put_off("torchvision.datasets", _Package)
    _put_off("torchvision.ops._register_onnx_ops", _OnnxOperators)


def import_put_off(wanted: Callable[[str], bool]) -> None:
    """Import what a stand-in stands for, where its name is wanted."""
    for name in _STAND_INS:  # to look at all modules would copy the memory that they lie in
        module = sys.modules.get(name)
        if isinstance(module, _PutOff) and wanted(name):
            module._real()


_STAND_INS: list[str] = []
"""Names of modules that something has stood in for."""


def _put_off(name: str, kind: type[types.ModuleType]) -> None:
    if name not in sys.modules:
        sys.modules[name] = kind(name)
        _STAND_INS.append(name)


@functools.cache
def draw_nothing_on_meta() -> Any:
    """Draw nothing on the device "meta", so that a layer is made there in a tenth of the time; as long as what is
    returned is kept.
    """
    library: Any = torch.library
    operators = library.Library("aten", "IMPL")
    for name in ("normal_", "uniform_"):
        operators.impl(name, lambda tensor, *_, **__: tensor, "Meta", allow_override=True)
    return operators
