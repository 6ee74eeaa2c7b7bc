"""Against tables that were computed by hand, or are printed in the source of a formula."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograder.items.statistics import alpha, correlation, fisher, rest_score, thirds, wilson

NAN = math.nan


@pytest.mark.parametrize(
    ("passed", "count", "low", "high"),
    # 15 of 50 and 0 of 20: by the formula, with z = 1.96, on paper.
    [(15, 50, 0.191, 0.438), (0, 20, 0.0, 0.161), (20, 20, 0.839, 1.0)],
)
def test_wilson(passed: int, count: int, low: float, high: float) -> None:
    assert wilson(passed, count) == pytest.approx((low, high), abs=5e-4)


@pytest.mark.parametrize(
    ("count", "low", "high"), [(17, -0.31, 0.62), (30, -0.17, 0.52), (60, -0.06, 0.43), (120, 0.02, 0.37)]
)
def test_fisher_of_a_fifth(count: int, low: float, high: float) -> None:
    assert fisher(0.2, count) == pytest.approx((low, high), abs=5e-3)


def test_correlation_by_hand() -> None:
    # x - 2.5 = -1.5, -.5, .5, 1.5; y - 3 = -2, 0, -1, 3: 3 - 0 - .5 + 4.5 = 7, over sqrt(5 * 14).
    r, count = correlation(np.array([1, 2, 3, 4, NAN]), np.array([1.0, 3, 2, 6, 9]))
    assert (r, count) == (pytest.approx(7 / math.sqrt(70)), 4)


def test_a_constant_item_has_no_correlation_not_0() -> None:
    assert math.isnan(correlation(np.ones(5), np.arange(5.0))[0])


def test_alpha_by_hand() -> None:
    # Variances 1, 1 and 7/3 (of 1, 1, 4: mean 2, 1 + 1 + 4 over 2 = 3); totals 3, 5, 9 have 28/3.
    scores = np.array([[1.0, 1, 1], [2, 2, 1], [3, 2, 4], [3, NAN, 4]])
    of_parts = np.var([1, 2, 3], ddof=1) + np.var([1, 2, 2], ddof=1) + np.var([1, 1, 4], ddof=1)
    assert of_parts == pytest.approx(1 + 1 / 3 + 3)
    value, error, students = alpha(scores)
    assert students == 3
    assert value == pytest.approx(1.5 * (1 - (13 / 3) / (28 / 3)))
    assert error == pytest.approx(math.sqrt(28 / 3 * (1 - value)))


def test_alpha_needs_two_parts_and_different_totals() -> None:
    assert math.isnan(alpha(np.ones((5, 3)))[0])
    assert math.isnan(alpha(np.arange(5.0)[:, None])[0])


def test_the_rest_counts_what_could_be_graded() -> None:
    scores, maxima = np.array([[1.0, 4, 2], [0, NAN, 1], [1, NAN, NAN]]), np.array([1.0, 8, 2])
    rest = rest_score(scores, maxima, np.array([False, True, True]))
    assert rest[:2].tolist() == [0.6, 0.5]
    assert math.isnan(rest[2])


def test_thirds_of_a_class() -> None:
    item = np.array([1.0, 0, 0, 1, 1, 1, NAN])
    assert thirds(item, np.array([6.0, 1, 2, 4, 3, 5, 9])) == [0.0, 1.0, 1.0]
