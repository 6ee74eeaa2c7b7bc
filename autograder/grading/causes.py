"""Which checks of an exercise fail for one and the same cause, so that it is told once.

The rule. Checks fail for one cause where one known mistake explains them: the code behaves in all of them exactly like
code with the mistake. What no mistake explains fails for the cause of an earlier check if the first difference is the
same (the same quantity, differing in the same way) or the same type of exception is raised at the same line; numbers do
not count. Where nothing came back to be compared, the same words say the same cause, and running out of time is one.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.grading.marks import first_difference
from autograder.grading.suites import Outcome
from autograder.results.model import Diagnosis, Excerpt
from autograder.sandbox.session import SubjectError, printable
from autograder.submissions.model import SourceFile
from autograder.suite.failures import without_numbers

_BEFORE, _AFTER = 2, 1
"""Lines of an excerpt, beside the one that raised."""
_MOST_EXCERPTS = 4
_LONGEST_LINE = 160
"""Characters."""


@dataclass(frozen=True)
class Explained:
    """A known mistake, and the ids of the failing checks in which the code behaves exactly like it."""

    diagnosis: Diagnosis
    checks: frozenset[str]


def causes(outcomes: Sequence[Outcome], explained: Sequence[Explained]) -> list[int]:
    """The number of each outcome's cause, from 1 on; 0 where it passed."""
    mistakes = {check: place for place, each in reversed(list(enumerate(explained))) for check in each.checks}
    by_difference: dict[object, int] = {}
    by_mistake: dict[int, int] = {}
    numbers = []
    for outcome in outcomes:
        if outcome.status == "passed":
            numbers.append(0)
            continue
        new = max(numbers, default=0) + 1
        told = "timeout" if outcome.status == "timeout" else without_numbers(outcome.message)
        difference = first_difference(outcome.cause) or told
        if outcome.check.id in mistakes:
            number = by_mistake.setdefault(mistakes[outcome.check.id], new)
            by_difference.setdefault(difference, number)
        else:
            number = by_difference.setdefault(difference, new)
        numbers.append(number)
    return numbers


def fault_line(cause: BaseException | None) -> int:
    """The innermost line of the student's at which the code raised; 0 where there is none."""
    if isinstance(cause, SubjectError) and cause.frames and not cause.ours:
        return cause.frames[-1].line
    return 0


def excerpts(outcomes: Sequence[Outcome], source: SourceFile) -> tuple[Excerpt, ...]:
    """The student's lines around the first few at which the code raised."""
    lines = dict.fromkeys(fault_line(outcome.cause) for outcome in outcomes)
    # The number comes from the process that runs the student's code, which may say anything.
    there = [line for line in lines if 0 < line <= source.text.count("\n") + 1]
    return tuple(_excerpt(source, line) for line in there[:_MOST_EXCERPTS])


def _excerpt(source: SourceFile, line: int) -> Excerpt:
    around = source.around(line, _BEFORE, _AFTER)
    own = source.around(line, 0, 0)[0][0]
    while len(around) > 1 and around[0][0] < own and not around[0][1].strip():
        del around[0]
    texts = textwrap.dedent("\n".join(printable(text.replace("\r", " ").expandtabs(4)) for _, text in around)).split(
        "\n"
    )
    cut = [text if len(text) <= _LONGEST_LINE else f"{text[: _LONGEST_LINE - 1]}…" for text in texts]
    marked = own - around[0][0]
    while len(cut) - 1 > marked and not cut[-1].strip():
        del cut[-1]
    return Excerpt(line, source.position(line), around[0][0], marked, tuple(cut))
