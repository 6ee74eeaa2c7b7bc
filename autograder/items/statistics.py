"""Classical item statistics. Scores are arrays of students × items, with NaN for what could not be graded."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Z = 1.959963984540054
"""Of a normal distribution, 95 % lie within so many standard deviations."""


def wilson(passed: int, count: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927): sensible for 0 of n and for small n, too."""
    if count == 0:
        return math.nan, math.nan
    share, extra = passed / count, Z * Z / count
    middle = (share + extra / 2) / (1 + extra)
    half = Z * math.sqrt(share * (1 - share) / count + extra / (4 * count)) / (1 + extra)
    return max(0.0, middle - half), min(1.0, middle + half)


def correlation(one: Array, other: Array) -> tuple[float, int]:
    """Pearson's r over students who have both, and how many those are; NaN where either is constant."""
    both = ~(np.isnan(one) | np.isnan(other))
    x, y = one[both], other[both]
    if x.size < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan, int(x.size)
    x, y = x - x.mean(), y - y.mean()
    return float((x @ y) / math.sqrt((x @ x) * (y @ y))), int(x.size)


def fisher(r: float, count: int) -> tuple[float, float]:
    """95 % interval of a correlation (Fisher 1921)."""
    if math.isnan(r) or count < 4:
        return math.nan, math.nan
    if abs(r) >= 1:
        return r, r
    middle, half = math.atanh(r), Z / math.sqrt(count - 3)
    return math.tanh(middle - half), math.tanh(middle + half)


def rest_score(scores: Array, maxima: Array, others: NDArray[np.bool_]) -> Array:
    """Each student's share of the points of `others`, over those items that could be graded."""
    there = ~np.isnan(scores[:, others])
    possible = (there * maxima[others]).sum(axis=1)
    points = np.nansum(scores[:, others], axis=1)
    share: Array = np.divide(points, possible, out=np.full(len(scores), math.nan), where=possible > 0)
    return share


def alpha(scores: Array) -> tuple[float, float, int]:
    """Cronbach's alpha and the standard error of measurement, in points, over students who have every part."""
    whole = scores[~np.isnan(scores).any(axis=1)]
    students, parts = whole.shape
    if students < 3 or parts < 2:
        return math.nan, math.nan, students
    of_total = float(whole.sum(axis=1).var(ddof=1))
    if of_total == 0:
        return math.nan, math.nan, students
    value = parts / (parts - 1) * (1 - float(whole.var(axis=0, ddof=1).sum()) / of_total)
    return value, math.sqrt(of_total * max(0.0, 1 - value)), students


def thirds(item: Array, rest: Array) -> list[float]:
    """The item's mean in the lower, middle and upper third of the class by `rest`."""
    both = np.flatnonzero(~(np.isnan(item) | np.isnan(rest)))
    ordered = both[np.argsort(rest[both], kind="stable")]
    return [float(item[part].mean()) if part.size else math.nan for part in np.array_split(ordered, 3)]
