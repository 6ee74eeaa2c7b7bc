"""What code under test finds around it: torch as it comes, and a program that was started for its file alone.

Whatever a file sets for the whole process is undone once it has been imported, so that it changes neither what suites
have built beside it nor another file in the same process.
"""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import torch
from torch import nn

from autograder.sandbox.quick_torch import draw_nothing_on_meta, put_off_the_compiler


def settle_torch() -> None:
    """Settings of torch under which code is asked, wherever a host runs: its defaults, but for these three."""
    # Tiny tensors gain nothing from threads; on a busy machine threads that spin make a call a hundred times slower.
    torch.set_num_threads(1)
    # torch.empty holds NaN then: parameters that were never initialised show. Not through use_deterministic_algorithms,
    # which also tells torch's compiler, and for that imports it: as long again as torch itself.
    torch._C._set_deterministic_algorithms(True, warn_only=True)
    # What is compiled computes the same, after seconds of work, with a C++ compiler that a worker may not start.
    _let_compile(_as_it_is, _not_at_all)
    put_off_the_compiler()
    draw_nothing_on_meta()
    _set_defaults(torch.float32, None)
    torch.set_grad_enabled(True)
    torch.autograd.set_detect_anomaly(False)


@contextlib.contextmanager
def settled() -> Iterator[None]:
    """Inside, torch may be settled and students' code be run; afterwards torch and the generators are as they were."""
    threads, dtype, device = torch.get_num_threads(), torch.get_default_dtype(), torch.get_default_device()
    modes = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    grad, anomaly = torch.is_grad_enabled(), torch.is_anomaly_enabled()
    compilers: tuple[Any, Any] = torch.compile, nn.Module.compile
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch._C._set_deterministic_algorithms(modes[0], warn_only=modes[1])
        _let_compile(*compilers)
        _set_defaults(dtype, None if device.type == "cpu" else device)
        torch.set_grad_enabled(grad)
        torch.autograd.set_detect_anomaly(anomaly)


class ByItself:
    """Inside, the process looks as if it ran `file` and nothing else: no arguments, and nobody who types."""

    def __init__(self, file: str) -> None:
        self._file = file

    def __enter__(self) -> None:
        self._before = sys.argv, sys.stdin
        sys.argv, sys.stdin = [self._file], io.TextIOWrapper(io.BytesIO())

    def __exit__(self, *_: object) -> None:
        sys.argv, sys.stdin = self._before


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """To be entered around the import of a file: what it sets for the whole process ends here."""
    try:
        with warnings.catch_warnings(), numpy.errstate():
            yield
    finally:
        settle_torch()


def _as_it_is(model: Any = None, **options: Any) -> Any:
    """In the place of `torch.compile`, also as a decorator with options."""
    return model if model is not None else lambda model: model


def _not_at_all(module: nn.Module, *args: Any, **options: Any) -> None:
    """In the place of `nn.Module.compile`."""


def _let_compile(function: Callable[..., Any], method: Callable[..., Any]) -> None:
    library: Any = torch
    library.compile, library.nn.Module.compile = function, method


def _set_defaults(dtype: torch.dtype, device: torch.device | None) -> None:
    torch.set_default_dtype(dtype)
    torch.set_default_device(device)
