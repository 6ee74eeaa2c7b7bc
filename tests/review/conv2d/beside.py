"""Calls next to the student's code, where a tensor is the same object from one call to the next."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def call_again(*given: Tensor | int, function: Callable[..., Tensor]) -> Tensor:
    """What `function` returns for its tensors after they were changed in place, as an optimizer changes weights."""
    own = [value.clone() if isinstance(value, Tensor) else value for value in given]
    function(*own)
    with torch.no_grad():
        for value in own:
            if isinstance(value, Tensor):
                value.mul_(-2)
    return function(*own)
