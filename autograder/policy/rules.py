"""What lateness does to a mark. All numbers are exact; nothing here depends on the clock or on an order of files."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Literal

from autograder.language import tr

DAY = timedelta(days=1)
After = Literal["deduct", "cap", "zero"]
Of = Literal["earned", "total"]
Groups = Literal["each", "min", "max"]
Missing = Literal["blank", "zero"]
Allocation = Literal["in_order", "best"]


@dataclass(frozen=True)
class Rules:
    """A policy for one assignment. Lateness is counted in begun units after the due date."""

    due: datetime | None = None
    grace: timedelta = timedelta(0)
    """So late is in time."""
    unit: timedelta = DAY
    slip_days: int = 0
    """Units that each student may be late without losing points, over all assignments together."""
    max_per_assignment: int | None = None
    after: After = "deduct"
    """What happens beyond slip days: "deduct", "cap" or "zero"."""
    of: Of = "earned"
    """What "deduct" takes a share of: the points that were earned, or the total of the assignment."""
    steps: tuple[tuple[int, Fraction], ...] = ()
    """From so many units on, the share of the mark that is left."""
    floor: Fraction = Fraction(0)
    """Share of the total below which lateness alone never brings a mark."""
    hard_stop: int | None = None
    """More units than this are too late: the mark is the floor, and no slip days are charged."""
    groups: Groups = "each"
    """Whose slip days a group uses: each member's own, or all have as many left as the one with least or most."""
    allocation: Allocation = "in_order"
    """Use slip days as they come, or only those that change this mark ("best")."""
    missing: Missing = "blank"
    """The mark of who handed in nothing."""

    def left(self, units: int) -> Fraction:
        """Share that so many units leave."""
        if self.is_too_late(units) or (units > 0 and self.after == "zero"):
            return Fraction(0)
        return min((share for since, share in self.steps if since <= units), default=Fraction(1))

    def is_too_late(self, units: int) -> bool:
        return self.hard_stop is not None and units > self.hard_stop

    def mark(self, score: Fraction, total: Fraction, units: int) -> Fraction:
        """The mark of a submission that is so many units late, slip days already taken off."""
        if units <= 0:
            return score
        left = self.left(units)
        if self.after == "cap":
            mark = min(score, left * total)
        elif self.of == "total":
            mark = score - (1 - left) * total
        else:
            mark = score * left
        if left == 0:
            mark = Fraction(0)
        return max(mark, min(score, self.floor * total), Fraction(0))


@dataclass(frozen=True)
class Lateness:
    """What became of one person's lateness."""

    late: timedelta
    """After the due date that holds for this person; zero within the grace."""
    units: int
    slip_days: int
    """Used for this submission."""
    slip_days_left: int
    too_late: bool
    share: Fraction
    """What is left of the mark by the steps."""
    mark: Fraction


def units_late(late: timedelta, unit: timedelta = DAY, grace: timedelta = timedelta(0)) -> int:
    """Begun units of lateness; none within the grace."""
    return 0 if late <= grace else math.ceil(late / unit)


def judge(rules: Rules, score: Fraction, total: Fraction, late: timedelta, budget: int) -> Lateness:
    """The mark of one person whose submission came `late` after the due date, with `budget` slip days left."""
    budget = max(budget, 0)
    units = units_late(late, rules.unit, rules.grace)
    too_late = rules.is_too_late(units)
    at_most = units if rules.max_per_assignment is None else rules.max_per_assignment
    used = most = 0 if too_late else min(units, budget, at_most)
    if rules.allocation == "best":
        best = rules.mark(score, total, units - most)
        used = next(days for days in range(most + 1) if rules.mark(score, total, units - days) == best)
    share, mark = rules.left(units - used), rules.mark(score, total, units - used)
    return Lateness(late if units else timedelta(0), units, used, budget - used, too_late, share, mark)


def group_budgets(rules: Rules, budgets: list[int]) -> list[int]:
    """Slip days that each member of a group may use together with the others."""
    if rules.groups == "each":
        return budgets
    return [min(budgets) if rules.groups == "min" else max(budgets)] * len(budgets)


def hours(late: timedelta) -> str:
    """ "27 h", "10 min" or "3 d 2 h": begun minutes and hours, so that nothing late is told as 0."""
    minutes = math.ceil(late / timedelta(minutes=1))
    if minutes < 120:
        return tr("{minutes} min", minutes=minutes)
    whole = math.ceil(late / timedelta(hours=1))
    if whole <= 48:
        return tr("{hours} h", hours=whole)
    days, rest = divmod(whole, 24)
    return tr("{days} d {hours} h", days=days, hours=rest) if rest else tr("{days} d", days=days)
