"""returns zeros, and no half-life at all

The shapes are right; nothing is differentiated.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def gradient_norms_over_time(cell, xs: Tensor, state) -> Tensor:
    first = state[0] if isinstance(state, tuple) else state
    return torch.zeros(len(xs) + 1, dtype=first.dtype)


def gradient_norms_over_depth(blocks, x: Tensor, skip: bool) -> Tensor:
    return torch.zeros(len(blocks) + 1, dtype=x.dtype)


def half_life(norms: Tensor) -> float:
    return math.inf
