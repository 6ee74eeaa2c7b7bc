"""Random sizes and data for a test, from the run's seed and the test's name: one recorded seed reproduces a result."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor

T = TypeVar("T")


class Random:
    """Draws float64 tensors and plain numbers.

    float64 because float32 `randn` gives other numbers on other processors; float64 does not.
    """

    def __init__(self, seed: int, stream: str) -> None:
        digest = hashlib.sha256(f"{seed}/{stream}".encode()).digest()
        self._generator = torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)

    def randn(self, *shape: int) -> Tensor:
        """Standard normal numbers of the given shape."""
        return torch.randn(shape, dtype=torch.float64, generator=self._generator)

    def rand(self, *shape: int) -> Tensor:
        """Uniform numbers in [0, 1) of the given shape."""
        return torch.rand(shape, dtype=torch.float64, generator=self._generator)

    def uniform(self, low: float, high: float) -> float:
        """One uniform number in [low, high)."""
        return low + (high - low) * float(self.rand(1))

    def integer(self, low: int, high: int) -> int:
        """One integer in [low, high], both included."""
        return int(torch.randint(low, high + 1, (1,), generator=self._generator))

    def integers(self, low: int, high: int, shape: Sequence[int]) -> Tensor:
        """int64 tensor of integers in [low, high], both included."""
        return torch.randint(low, high + 1, tuple(shape), generator=self._generator)

    def choice(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.integer(0, len(options) - 1)]

    def distinct(self, low: int, high: int, count: int) -> list[int]:
        """`count` different integers in [low, high], in random order. Raises ValueError when there are not so many."""
        if high - low + 1 < count:
            raise ValueError(f"there are no {count} different integers in [{low}, {high}]")
        order = torch.randperm(high - low + 1, generator=self._generator)
        return [low + int(number) for number in order[:count]]

    def word(self) -> str:
        """A word of two to six lower-case letters."""
        return "".join(chr(ord("a") + int(letter)) for letter in self.integers(0, 25, (self.integer(2, 6),)))

    def words(self, count: int) -> list[str]:
        """`count` different words, in random order."""
        found: dict[str, None] = {}
        while len(found) < count:
            found[self.word()] = None
        return list(found)

    def text(self, words: Sequence[str], length: int) -> str:
        """`length` of the words, drawn with repetition, with one space between."""
        return " ".join(self.choice(words) for _ in range(length))
