"""How far off images are, pixel by pixel: what a picture of a difference is drawn from."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

_IMAGES, _SIDE = 4, 12
"""Images that are kept, and pixels of their sides; of larger images, each number is the largest of a block."""
_FEWEST = 4
"""Pixels of an image; what has fewer is told in numbers."""

Gaps = tuple[tuple[str, tuple[int, int], tuple[tuple[float | None, ...], ...]], ...]
"""Of the first images that differ: index, height and width, and |actual - expected| row by row; None for no number."""


def gaps(actual: Tensor, expected: Tensor, wrong: Tensor) -> Gaps:
    """How far off the images of `actual` (..., H, W) are; nothing where these are no images.

    `wrong` marks the values that differ by more than a tolerance; where it does not, the gap is 0.
    """
    height, width = (1, 1, *actual.shape)[-2:] if actual.dim() > 1 else (1, 1)
    if height * width < _FEWEST or not wrong.any() or actual.is_complex():
        return ()
    difference = (actual.double() - expected.double()).abs().nan_to_num(nan=torch.inf, posinf=torch.inf)
    images = difference.masked_fill(~wrong, 0.0).reshape(-1, height, width)
    found = images.flatten(1).any(1).nonzero().flatten().tolist()[:_IMAGES]
    sides = min(height, _SIDE), min(width, _SIDE)
    blocks = torch.nn.functional.adaptive_max_pool2d(images[found][:, None], sides)[:, 0]
    return tuple(
        (_index(number, actual.shape[:-2]), (height, width), tuple(tuple(map(_rounded, row)) for row in block))
        for number, block in zip(found, blocks.tolist(), strict=True)
    )


def _index(number: int, shape: Sequence[int]) -> str:
    """Of an image, as Python would index it; empty where there is but one."""
    index = []
    for size in reversed(shape):
        number, place = divmod(number, size)
        index.append(place)
    return str(index[::-1]) if any(size > 1 for size in shape) else ""


def _rounded(gap: float) -> float | None:
    return float(f"{gap:.3g}") if gap < torch.inf else None
