"""What a check finds wrong: raised, or noted while the check goes on."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from autograder.language import source_of
from autograder.language import tr_kept as tr
from autograder.suite.gaps import Gaps

_MAX_MESSAGE = 4_000
"""Characters. Names in a message may come from the code under test, which can choose them as long as it likes."""

Differs = str | tuple[str, str]
"""What differs and how: a quantity's name and the kind of difference, or a suite's own words for both."""


class BehaviourError(AssertionError):
    """The code under test behaves otherwise than asked. The text is for students."""

    def __init__(
        self,
        message: str,
        hint: str | None = None,
        difference: Differs | None = None,
        numbers: tuple[tuple[str, str, str], ...] = (),
        gaps: Gaps = (),
        kind: str = "",
    ) -> None:
        shown = message[:_MAX_MESSAGE]
        super().__init__(f"{shown}\n{tr('Hint:')} {hint}" if hint else shown)
        self.hint = hint
        self.difference = without_numbers(message) if difference is None else _known_by(difference)
        """What differs and how, in whatever case it was asked about: equal for what is one and the same difference."""
        self.numbers = numbers
        """Index, actual and expected value of each number that was compared, where they are few: only what a public
        check compared is for students."""
        self.gaps = gaps
        """How far off images are; with the same reserve."""
        self.kind = kind
        """names, where parameters and buffers are not those that were asked for; or what sort of difference it is."""
        self.stack = ""
        """Where it came from, for instructors, when it was noted instead of raised."""


def without_numbers(text: str) -> str:
    """`text`, untranslated, with every number as "#"; names such as `conv1` and `shortcut.0.weight` keep theirs."""
    return re.sub(r"(?<![\w.])-?\d+(\.\d+)?(e[-+]?\d+)?(?![a-zA-Z0-9_])", "#", source_of(text))


def _known_by(difference: Differs) -> Differs:
    """A quantity is the same with other numbers in its name, and where its name begins a sentence."""
    if isinstance(difference, str):
        return difference
    quantity, kind = difference
    return re.sub("^The ", "the ", without_numbers(quantity)), kind


@dataclass(frozen=True)
class Statistic:
    """A quantity that a test has derived from random draws, which differ from code to code."""

    name: str
    value: float
    band: float
    """How far two right ones may lie from what is expected."""


@dataclass
class Noted:
    """What a test has found out so far."""

    failures: list[BehaviourError] = field(default_factory=list)
    statistics: list[Statistic] = field(default_factory=list)


_noted: ContextVar[Noted | None] = ContextVar("noted", default=None)


def note_statistic(statistic: Statistic) -> None:
    """Keep `statistic` for diagnosis, where failures are noted."""
    if (noted := _noted.get()) is not None:
        noted.statistics.append(statistic)


@contextmanager
def failures_noted() -> Iterator[Noted]:
    """Inside, failing checks are noted instead of raised, and the test goes on asking.

    The first of them is the test's verdict; what comes after it, or breaks because of it, only serves diagnosis.
    """
    noted = Noted()
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def check(condition: bool, message: str, *, hint: str | None = None, difference: Differs | None = None) -> None:
    """Raise BehaviourError with `message` unless `condition` holds.

    `difference` says what differs and how, without the case that was asked about, as in ("the output", "value"); the
    message without its numbers, if it is left out.
    """
    if not condition:
        fail(BehaviourError(message, hint, difference))


def fail(failure: BehaviourError) -> None:
    """Raise `failure`, or note it."""
    noted = _noted.get()
    if noted is None:
        raise failure
    if not noted.failures:
        failure.stack = "".join([*traceback.format_stack(limit=8)[:-1], f"BehaviourError: {failure}\n"])
    noted.failures.append(failure)


def check_that(condition: bool, asked: str, message: str, hint: str | None, difference: Differs | None = None) -> None:
    """Like `check`; `asked`, the case that the message is about, makes no other difference of it."""
    check(condition, f"{asked}{message}", hint=hint, difference=difference or without_numbers(message))
