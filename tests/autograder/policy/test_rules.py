"""What lateness does to a mark: examples, and what must hold of every rule."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.policy.rules import After, Allocation, Of, Rules, group_budgets, hours, judge

HOUR = timedelta(hours=1)
F = Fraction
STEPS = ((1, F(9, 10)), (2, F(8, 10)))

shares = st.integers(0, 12).map(lambda part: F(part, 12))


@st.composite
def all_rules(draw: st.DrawFn) -> Rules:
    pairs = draw(st.lists(st.tuples(st.integers(1, 9), shares), max_size=4, unique_by=lambda pair: pair[0]))
    since, left = sorted(pair[0] for pair in pairs), sorted((pair[1] for pair in pairs), reverse=True)
    return Rules(
        grace=timedelta(minutes=draw(st.integers(0, 200))),
        unit=timedelta(hours=draw(st.integers(1, 48))),
        slip_days=draw(st.integers(0, 6)),
        max_per_assignment=draw(st.none() | st.integers(0, 4)),
        after=draw(st.sampled_from(get_args(After))),
        of=draw(st.sampled_from(get_args(Of))),
        steps=tuple(zip(since, left, strict=True)),
        floor=draw(shares),
        hard_stop=draw(st.none() | st.integers(0, 8)),
        allocation=draw(st.sampled_from(get_args(Allocation))),
    )


scores = st.integers(0, 700).map(lambda part: F(part, 7))
lates = st.integers(0, 20 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
budgets = st.integers(-2, 8)
every = settings(deadline=None, derandomize=True, max_examples=150)


@every
@given(all_rules(), scores, lates, lates, budgets)
def test_later_never_gives_more(rules: Rules, score: Fraction, one: timedelta, other: timedelta, budget: int) -> None:
    early, late = sorted((one, other))
    assert judge(rules, score, F(100), late, budget).mark <= judge(rules, score, F(100), early, budget).mark


@every
@given(all_rules(), scores, lates, budgets)
def test_no_mark_is_below_the_floor_or_above_the_score(
    rules: Rules, score: Fraction, late: timedelta, budget: int
) -> None:
    assert min(score, rules.floor * 100) <= judge(rules, score, F(100), late, budget).mark <= score


@every
@given(all_rules(), scores, lates, budgets)
def test_no_budget_is_overdrawn(rules: Rules, score: Fraction, late: timedelta, budget: int) -> None:
    found = judge(rules, score, F(100), late, budget)
    assert found.slip_days_left >= 0
    assert 0 <= found.slip_days <= min(found.units, max(budget, 0))
    assert found.slip_days + found.slip_days_left == max(budget, 0)


@every
@given(all_rules(), scores, lates, budgets)
def test_more_slip_days_never_harm_and_best_is_as_good_as_in_order(
    rules: Rules, score: Fraction, late: timedelta, budget: int
) -> None:
    found = judge(rules, score, F(100), late, budget)
    assert judge(rules, score, F(100), late, budget + 1).mark >= found.mark


@every
@given(all_rules(), scores, scores, lates, budgets)
def test_more_points_never_give_a_lower_mark(
    rules: Rules, one: Fraction, other: Fraction, late: timedelta, budget: int
) -> None:
    low, high = sorted((one, other))
    assert judge(rules, low, F(100), late, budget).mark <= judge(rules, high, F(100), late, budget).mark


@pytest.mark.parametrize(
    ("rules", "late", "budget", "mark", "used"),
    [
        (Rules(steps=STEPS), 0 * HOUR, 0, F(90), 0),
        (Rules(steps=STEPS, grace=HOUR / 6), HOUR / 6, 0, F(90), 0),
        (Rules(steps=STEPS, grace=HOUR / 6), HOUR / 6 + timedelta(microseconds=1), 0, F(81), 0),
        (Rules(steps=STEPS), 24 * HOUR, 0, F(81), 0),
        (Rules(steps=STEPS), 25 * HOUR, 0, F(72), 0),
        (Rules(steps=STEPS), 90 * HOUR, 0, F(72), 0),
        (Rules(steps=STEPS, hard_stop=3), 90 * HOUR, 5, F(0), 0),
        (Rules(steps=STEPS, hard_stop=3, floor=F(1, 2)), 90 * HOUR, 5, F(50), 0),
        (Rules(steps=STEPS), 25 * HOUR, 1, F(81), 1),
        (Rules(steps=STEPS, max_per_assignment=1), 25 * HOUR, 5, F(81), 1),
        (Rules(steps=STEPS, of="total"), 25 * HOUR, 0, F(70), 0),
        (Rules(steps=STEPS, after="cap"), 25 * HOUR, 0, F(80), 0),
        (Rules(after="zero"), HOUR, 0, F(0), 0),
        (Rules(unit=12 * HOUR, steps=((1, F(95, 100)), (2, F(9, 10)))), 13 * HOUR, 0, F(81), 0),
        # Two days change nothing, so "best" keeps them.
        (Rules(steps=((1, F(9, 10)),), allocation="best"), 70 * HOUR, 2, F(81), 0),
        (Rules(steps=((1, F(9, 10)),), allocation="in_order"), 70 * HOUR, 2, F(81), 2),
    ],
)
def test_examples(rules: Rules, late: timedelta, budget: int, mark: Fraction, used: int) -> None:
    found = judge(rules, F(90), F(100), late, budget)
    assert (found.mark, found.slip_days) == (mark, used)


def test_marks_are_exact() -> None:
    assert judge(Rules(steps=((1, F(9, 10)),)), F(1, 3), F(1), HOUR, 0).mark == F(3, 10)


def test_budgets_of_a_group() -> None:
    assert group_budgets(Rules(groups="each"), [1, 3]) == [1, 3]
    assert group_budgets(Rules(groups="min"), [1, 3]) == [1, 1]
    assert group_budgets(Rules(groups="max"), [1, 3]) == [3, 3]


@pytest.mark.parametrize(
    ("late", "told"),
    [
        (timedelta(seconds=1), "1 min"),
        (HOUR, "60 min"),
        (26.5 * HOUR, "27 h"),
        (50 * HOUR, "2 d 2 h"),
        (72 * HOUR, "3 d"),
    ],
)
def test_lateness_in_words(late: timedelta, told: str) -> None:
    assert hours(late) == told
