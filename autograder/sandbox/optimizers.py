"""Lets torch's optimizers run without its compiler, which the first of them would import: longer than torch itself."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import torch
from torch.optim import Optimizer

_METHODS = ("add_param_group", "load_state_dict", "state_dict", "zero_grad")


def spare_the_compiler() -> None:
    """Have optimizers do the same without asking the compiler to leave them alone. Once it is there, it stays."""
    if "torch._dynamo" in sys.modules:
        return
    for name in _METHODS:
        method = getattr(getattr(Optimizer, name), "__wrapped__", None)
        if method is not None:
            setattr(method, "__dynamo_disable", method)  # where torch._compile looks it up
    for kind in vars(torch.optim).values():
        step = vars(kind).get("step") if isinstance(kind, type) and issubclass(kind, Optimizer) else None
        if getattr(getattr(step, "__code__", None), "co_name", "") == "_use_grad":
            kind.step = _plain(step.__wrapped__)  # type: ignore[union-attr]


def _plain(step: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(step)
    def in_its_grad_mode(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        with torch.set_grad_enabled(self.defaults["differentiable"]):
            return step(self, *args, **kwargs)

    return in_its_grad_mode
