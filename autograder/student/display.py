"""What a page of check.py is made of, whoever shows it: a terminal, or a notebook's cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from autograder.results.model import Number
from autograder.student.results import Gap

PASSED, FAILED, NOT_STARTED = "passed", "failed", "not started"
"""What has become of an exercise, in a sign."""


class Display(Protocol):
    """Shows texts in the order in which they come."""

    def line(self, text: str = "", style: str = "") -> None:
        """A line by itself; an empty one for a gap."""

    def indented(self, text: str) -> None:
        """Text below a heading, line by line."""

    def verdict(self, sign: str, exercise: str, told: str, width: int) -> None:
        """One line about one exercise; `width` is that of the longest name."""

    def numbers(self, numbers: Sequence[Number]) -> None:
        """The few numbers that were compared, side by side."""

    def picture(self, gaps: Sequence[Gap]) -> None:
        """How far off images are."""

    def folded(self, heading: str, text: str) -> None:
        """What is only read by whoever unfolds it; where nothing can be folded, it is not there."""

    def code(self, where: str, text: str, values: Sequence[tuple[str, str]]) -> None:
        """A line of the student's code, and what its names and parts came to."""
