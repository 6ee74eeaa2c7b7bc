"""What a picture of a difference is made of, whoever draws it: levels of how far off each value is."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.language import tr
from autograder.student.results import Gap

RIGHT, NO_NUMBER = 0, -1
LEVELS = 4
"""Above RIGHT."""


def largest(gaps: Sequence[Gap]) -> float:
    """The largest difference in any of the images; 0 where there are none but no numbers."""
    return max((value for gap in gaps for row in gap.rows for value in row if value is not None), default=0.0)


def level(value: float | None, most: float) -> int:
    """RIGHT, one of the levels up to LEVELS, or NO_NUMBER."""
    if value is None:
        return NO_NUMBER
    return RIGHT if value == 0 else min(LEVELS, 1 + int(LEVELS * value / most))


def text(value: float | None) -> str:
    """A difference in as few characters as will do; what is right or no number has its sign alone."""
    return f"{value:.2g}" if value else ""


def caption(gap: Gap) -> str:
    """What the picture shows."""
    told = tr("How far off each value is:")
    if gap.where:
        told = tr("How far off each value of {where} is:", where=gap.where)
    height, width = gap.size
    if (height, width) == (len(gap.rows), len(gap.rows[0])):
        return told
    more = tr("Of {height} x {width} values, each number is the largest of a block.", height=height, width=width)
    return f"{told} {more}"


def in_words(gap: Gap) -> str:
    """The picture for whoever does not see it."""
    values = [value for row in gap.rows for value in row]
    wrong = [value for value in values if value != 0]
    told = [tr("{wrong} of {count} values differ", wrong=len(wrong), count=len(values))]
    numbers = [value for value in wrong if value is not None]
    if numbers:
        row, column = divmod(values.index(max(numbers)), len(gap.rows[0]))
        told.append(tr("most in row {row}, column {column}: by {size:.3g}", row=row, column=column, size=max(numbers)))
    if len(numbers) < len(wrong):
        told.append(tr("no numbers: {count}", count=len(wrong) - len(numbers)))
    return ", ".join(told)
