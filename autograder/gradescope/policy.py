"""What the assignment asks for on Gradescope beyond marks: lateness, a limit on submissions, the seed.

Everything follows from the submission's metadata and never from the clock, so that a rerun months later agrees.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from autograder.course.assignment import Assignment
from autograder.errors import UsageError
from autograder.gradescope.metadata import Earlier, Metadata
from autograder.policy.rules import units_late
from autograder.results.model import SEEDS

SEED_VARIABLE = "AUTOGRADER_SEED"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Lateness:
    """A submission that came after the due date."""

    days: int
    """Begun days after it."""
    factor: float
    """What is left of the marks, from 0 to 1."""
    accepted: bool


def lateness(assignment: Assignment, metadata: Metadata) -> Lateness | None:
    """None for a submission in time, and where the assignment has no deadline or nobody knows when it came."""
    deadline = assignment.deadline
    if deadline is None or metadata.created_at is None:
        return None
    of_gradescope = metadata.due if assignment.gradescope.deadline_from == "gradescope" else None
    late = metadata.created_at - (of_gradescope or deadline.due)
    if late <= timedelta(0):
        return None
    days = units_late(late)
    if days > deadline.late_days:
        return Lateness(days, 0.0, accepted=False)
    left = max(Fraction(0), 1 - days * Fraction(str(deadline.late_penalty_per_day)))
    return Lateness(days, float(left), accepted=True)


@dataclass(frozen=True)
class Refusal:
    """Too many submissions: this one is not graded."""

    graded: int
    """As many within 24 hours are."""
    again: datetime
    """When the next one is."""
    last: Earlier
    """The one before, whose result stands."""


def refusal(assignment: Assignment, metadata: Metadata) -> Refusal | None:
    """Whether the limit on submissions stands against this one. Those that were refused do not count against it."""
    limit = assignment.gradescope.submissions_per_day
    if limit is None or metadata.created_at is None:
        return None
    earlier = [entry for entry in metadata.earlier if not entry.failed and entry.submitted < metadata.created_at]
    graded: list[datetime] = []
    for moment in (entry.submitted for entry in earlier):
        if len(_within_a_day(graded, moment)) < limit:
            graded.append(moment)
    recent = _within_a_day(graded, metadata.created_at)
    if len(recent) < limit:
        return None
    return Refusal(limit, recent[-limit] + _DAY, earlier[-1])


def _within_a_day(moments: list[datetime], end: datetime) -> list[datetime]:
    return [moment for moment in moments if end - moment < _DAY]


def seed_of(assignment: Assignment, suite: str, metadata: Metadata, environment: Mapping[str, str]) -> int:
    """The run seed: from the environment, else from assignment.toml, else the submission's own.

    That comes from the submission's id, so that a rerun repeats it, and from the suites' fingerprint, so that nobody
    can foretell it. Without an id it is drawn. Raises UsageError.
    """
    if SEED_VARIABLE in environment:
        text = environment[SEED_VARIABLE]
        if not text.isdecimal():
            raise UsageError(f"{SEED_VARIABLE}={text}: give a whole number, 0 or more")
        return int(text)
    if assignment.gradescope.seed is not None:
        return assignment.gradescope.seed
    if not metadata.id:
        return secrets.randbelow(SEEDS)
    digest = hashlib.sha256(f"{assignment.name}\0{suite}\0{metadata.id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % SEEDS
