"""The results of public checks, with all that the one who wrote the code may see of them."""

from __future__ import annotations

from msgspec import Struct

from autograder.results.model import ExerciseResult, TestResult


class Gap(Struct, frozen=True):
    """How far one image is off."""

    where: str
    """Its index, as Python writes it; empty where there is but one."""
    size: tuple[int, int]
    """Height and width, in pixels."""
    rows: tuple[tuple[float | None, ...], ...]
    """|got - expected|, the largest of a block of pixels where there are fewer numbers than pixels; None where what the
    code returned is no number."""


class PublicTest(TestResult, frozen=True):
    """One public check."""

    gaps: tuple[Gap, ...] = ()


class PublicResult(ExerciseResult, frozen=True, kw_only=True):
    """The public checks of one exercise."""

    tests: tuple[PublicTest, ...]

    @property
    def has_passed(self) -> bool:
        """Whether every check has passed."""
        return self.status == "graded" and bool(self.tests) and all(test.status == "passed" for test in self.tests)


class Found(Struct):
    """What a process that checks for --watch has found so far: results of exercises, and what was noticed of files."""

    results: dict[str, PublicResult] = {}
    notes: list[str] = []
