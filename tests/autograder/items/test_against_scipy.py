"""Item statistics against an implementation that others wrote and tested."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.items.statistics import alpha, correlation, fisher, rest_score, wilson

stats = pytest.importorskip("scipy.stats", reason="scipy is among the extra `dev`: make setup")


@pytest.mark.parametrize(("passed", "count"), [(0, 20), (1, 3), (15, 50), (499, 500), (7, 7)])
def test_wilson(passed: int, count: int) -> None:
    expected = stats.binomtest(passed, count).proportion_ci(0.95, method="wilson")
    assert wilson(passed, count) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize("students", [5, 30, 500])
def test_item_rest_correlation_and_its_interval(students: int) -> None:
    rng = np.random.default_rng(students)
    able = rng.normal(size=(students, 1))
    scores = (able + rng.normal(size=(students, 8)) > 0).astype(float)
    rest = rest_score(scores, np.ones(8), np.arange(8) != 3)
    expected = stats.pearsonr(scores[:, 3], scores.sum(axis=1) - scores[:, 3])
    r, count = correlation(scores[:, 3], rest)
    assert (r, count) == (pytest.approx(expected.statistic, abs=1e-12), students)
    assert r == pytest.approx(stats.pointbiserialr(scores[:, 3], rest).statistic, abs=1e-12)
    interval = expected.confidence_interval(0.95)
    assert fisher(r, count) == pytest.approx((interval.low, interval.high), abs=1e-12)


def test_phi_of_two_checks_is_their_correlation() -> None:
    rng = np.random.default_rng(1)
    one = rng.integers(0, 2, 60).astype(float)
    other = np.where(rng.random(60) < 0.1, 1 - one, one)
    table = np.array([[((one == a) & (other == b)).sum() for b in (0, 1)] for a in (0, 1)])
    phi = np.sqrt(stats.chi2_contingency(table, correction=False).statistic / 60)
    assert correlation(one, other)[0] == pytest.approx(phi, abs=1e-12)


def test_alpha_by_two_way_analysis_of_variance() -> None:
    """Hoyt 1941: alpha is 1 less the residual mean square over that between students."""
    rng = np.random.default_rng(2)
    scores = rng.normal(size=(40, 1)) + rng.normal(size=(40, 5))
    residual = scores - scores.mean(axis=1, keepdims=True) - scores.mean(axis=0) + scores.mean()
    between = 5 * stats.tvar(scores.mean(axis=1))
    value, error, students = alpha(scores)
    assert (value, students) == (pytest.approx(1 - (residual**2).sum() / (39 * 4) / between, abs=1e-12), 40)
    assert error == pytest.approx(stats.tstd(scores.sum(axis=1)) * np.sqrt(1 - value), abs=1e-12)
