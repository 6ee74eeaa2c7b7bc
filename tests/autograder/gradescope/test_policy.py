"""Lateness, the limit on submissions and the seed follow from what Gradescope wrote down, and from nothing else."""

from __future__ import annotations

import itertools
import random
import secrets
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from msgspec import structs

from autograder.course.assignment import Deadline, Gradescope
from autograder.errors import UsageError
from autograder.gradescope.metadata import Earlier, Metadata
from autograder.gradescope.policy import Lateness, lateness, refusal, seed_of
from autograder.results.model import SEEDS

KOREA = timezone(timedelta(hours=9))
DUE = datetime(2026, 5, 1, 23, 59, tzinfo=KOREA)
NOON = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)
DAY, HOUR, MOMENT = timedelta(days=1), timedelta(hours=1), timedelta(microseconds=1)
SUITE = "0123456789abcdef"


@pytest.fixture(autouse=True)
def poisoned_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """No policy may ask what time it is: a rerun months later must agree."""

    class NoClock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            raise AssertionError("the clock was asked")

        utcnow = today = now

    monkeypatch.setattr("autograder.gradescope.policy.datetime", NoClock)

    def no_clock() -> float:
        raise AssertionError("the clock was asked")

    for name in ("time", "monotonic"):
        monkeypatch.setattr(time, name, no_clock)


@pytest.fixture
def assign(make):
    """The assignment with a deadline; what is not named has a plain value."""

    def build(due=DUE, penalty=0.1, days=3, **gradescope):
        deadline = Deadline(due, penalty, days)
        return structs.replace(make.assignment, deadline=deadline, gradescope=Gradescope(**gradescope))

    return build


# --- lateness ---


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (-365 * DAY, None),
        (-MOMENT, None),
        (timedelta(0), None),
        (MOMENT, Lateness(1, 0.9, True)),
        (DAY, Lateness(1, 0.9, True)),
        (DAY + MOMENT, Lateness(2, 0.8, True)),
        (3 * DAY, Lateness(3, 0.7, True)),
        (3 * DAY + MOMENT, Lateness(4, 0.0, False)),
        (365 * DAY, Lateness(365, 0.0, False)),
    ],
)
def test_each_begun_day_costs_until_nothing_is_accepted(assign, after, expected):
    found = lateness(assign(), Metadata(created_at=DUE + after))
    if expected is None:
        assert found is None
    else:
        assert (found.days, found.accepted) == (expected.days, expected.accepted)
        assert found.factor == pytest.approx(expected.factor)


def test_without_late_days_the_first_moment_is_too_late(assign):
    assert lateness(assign(days=0), Metadata(created_at=DUE + MOMENT)) == Lateness(1, 0.0, accepted=False)


def test_late_days_without_a_penalty_cost_nothing(assign):
    assert lateness(assign(penalty=0.0), Metadata(created_at=DUE + DAY)) == Lateness(1, 1.0, accepted=True)


def test_a_penalty_takes_no_more_than_everything(assign):
    assert lateness(assign(penalty=0.6), Metadata(created_at=DUE + 2 * DAY)) == Lateness(2, 0.0, accepted=True)


@pytest.mark.parametrize("hours", [-12, 0, 9, 14])
def test_times_are_compared_across_time_zones(assign, hours):
    zone = timezone(timedelta(hours=hours))
    assert lateness(assign(), Metadata(created_at=DUE.astimezone(zone))) is None
    assert lateness(assign(), Metadata(created_at=(DUE + MOMENT).astimezone(zone))).days == 1


def test_the_same_wall_clock_further_west_is_late(assign):
    assert lateness(assign(), Metadata(created_at=DUE.replace(tzinfo=timezone.utc))).days == 1


def test_nobody_is_late_without_a_deadline(make):
    assert lateness(make.assignment, Metadata(created_at=DUE + 99 * DAY, due=DUE)) is None


def test_nobody_is_late_when_nobody_knows_when_it_came(assign):
    assert lateness(assign(), Metadata(due=DUE - 99 * DAY)) is None


def test_the_due_date_of_the_assignment_counts_unless_told_otherwise(assign):
    extended = Metadata(created_at=DUE + DAY, due=DUE + 7 * DAY)
    assert lateness(assign(), extended).days == 1
    assert lateness(assign(deadline_from="gradescope"), extended) is None


def test_the_due_date_of_gradescope_may_be_the_earlier_one(assign):
    early = Metadata(created_at=DUE, due=DUE - DAY)
    assert lateness(assign(deadline_from="gradescope"), early).days == 1


def test_the_due_date_of_the_assignment_counts_where_gradescope_has_none(assign):
    assert lateness(assign(deadline_from="gradescope"), Metadata(created_at=DUE + DAY)).days == 1


# --- the limit on submissions ---


def earlier(*before: timedelta, failed: bool = False) -> tuple[Earlier, ...]:
    """Submissions so long before noon, the oldest first; scores count up from 1."""
    moments = enumerate(sorted(before, reverse=True), start=1)
    return tuple(Earlier(NOON - span, float(number), failed, None) for number, span in moments)


def refused_at_noon(assignment: Any, *submissions: Earlier) -> Any:
    entries = tuple(sorted(submissions, key=lambda entry: entry.submitted))
    return refusal(assignment, Metadata(created_at=NOON, earlier=entries))


def test_nothing_is_refused_without_a_limit(assign):
    assert refused_at_noon(assign(), *earlier(*[HOUR * number for number in range(1, 20)])) is None


def test_nothing_is_refused_when_nobody_knows_when_it_came(assign):
    metadata = Metadata(earlier=earlier(HOUR))
    assert refusal(assign(submissions_per_day=1), metadata) is None


def test_the_first_submission_is_graded(assign):
    assert refused_at_noon(assign(submissions_per_day=1)) is None


def test_as_many_as_the_limit_are_graded_and_the_next_is_refused(assign):
    two = earlier(3 * HOUR, 2 * HOUR)
    assert refused_at_noon(assign(submissions_per_day=3), *two) is None
    found = refused_at_noon(assign(submissions_per_day=2), *two)
    assert found.graded == 2
    assert found.again == NOON - 3 * HOUR + DAY
    assert found.last == two[-1]


@pytest.mark.parametrize(("ago", "is_refused"), [(DAY - MOMENT, True), (DAY, False), (DAY + MOMENT, False)])
def test_after_exactly_24_hours_a_submission_counts_no_more(assign, ago, is_refused):
    assert (refused_at_noon(assign(submissions_per_day=1), *earlier(ago)) is not None) is is_refused


def test_the_next_one_is_graded_at_the_moment_that_was_told(assign):
    assignment, before = assign(submissions_per_day=2), earlier(5 * HOUR, 3 * HOUR, HOUR)
    again = refused_at_noon(assignment, *before).again
    assert again == NOON - 5 * HOUR + DAY
    assert refusal(assignment, Metadata(created_at=again, earlier=before)) is None
    assert refusal(assignment, Metadata(created_at=again - MOMENT, earlier=before)) is not None


def test_refused_submissions_do_not_count(assign):
    # With a limit of 1: 30 hours ago one was graded, the two after it were refused, and could not keep this one out.
    assert refused_at_noon(assign(submissions_per_day=1), *earlier(30 * HOUR, 20 * HOUR, 10 * HOUR)) is None


def test_one_that_came_after_refused_ones_and_was_graded_does_count(assign):
    before = earlier(40 * HOUR, 30 * HOUR, 16 * HOUR, 2 * HOUR)
    assert refused_at_noon(assign(submissions_per_day=1), *before).again == NOON + 8 * HOUR


def test_submissions_that_gradescope_could_not_grade_do_not_count(assign):
    assert refused_at_noon(assign(submissions_per_day=1), *earlier(3 * HOUR, 2 * HOUR, failed=True)) is None


def test_the_result_that_stands_is_not_that_of_a_failed_submission(assign):
    graded, failed = earlier(3 * HOUR), earlier(2 * HOUR, failed=True)
    assert refused_at_noon(assign(submissions_per_day=1), *graded, *failed).last == graded[0]


def test_submissions_after_this_one_do_not_count(assign):
    assert refused_at_noon(assign(submissions_per_day=1), *earlier(-HOUR)) is None


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_what_is_refused_agrees_with_what_was_decided_one_by_one(assign, limit):
    assignment, drawn = assign(submissions_per_day=limit), random.Random(limit)
    moments = sorted({NOON + timedelta(minutes=drawn.randrange(6000)) for _ in range(60)})
    graded: list[datetime] = []
    for number, moment in enumerate(moments):
        before = tuple(Earlier(other, 1.0, False, None) for other in moments[:number])
        too_many = sum(moment - other < DAY for other in graded) >= limit
        assert (refusal(assignment, Metadata(created_at=moment, earlier=before)) is not None) is too_many
        graded += [] if too_many else [moment]
    assert limit < len(graded) < len(moments)


# --- the seed ---


def test_the_environment_goes_first_then_the_assignment_then_the_submission(assign):
    with_seed, without, metadata = assign(seed=17), assign(), Metadata(id="77")
    environment = {"AUTOGRADER_SEED": "5"}
    assert seed_of(with_seed, SUITE, metadata, environment) == 5
    assert seed_of(without, SUITE, metadata, environment) == 5
    assert seed_of(with_seed, SUITE, metadata, {}) == 17
    assert seed_of(without, SUITE, metadata, {}) not in (5, 17)


def test_the_seed_0_is_a_seed(assign):
    assert seed_of(assign(seed=0), SUITE, Metadata(id="77"), {}) == 0
    assert seed_of(assign(seed=17), SUITE, Metadata(id="77"), {"AUTOGRADER_SEED": "0"}) == 0


@pytest.mark.parametrize("text", ["", " ", "-1", "1.5", "0x10", "one", "²"])
def test_a_seed_in_the_environment_that_is_no_whole_number_is_told(assign, text):
    with pytest.raises(UsageError, match=r"AUTOGRADER_SEED=.*give a whole number, 0 or more"):
        seed_of(assign(), SUITE, Metadata(), {"AUTOGRADER_SEED": text})


def test_a_rerun_has_the_same_seed(assign):
    first = Metadata(id="77", created_at=NOON, submitters="Kim")
    again = Metadata(id="77", created_at=NOON + DAY, submitters="Kim", earlier=earlier(HOUR))
    assert seed_of(assign(), SUITE, first, {}) == seed_of(assign(), SUITE, again, {})


def test_submissions_assignments_and_suites_have_seeds_of_their_own(assign):
    others = structs.replace(assign(), name="other")
    cases = itertools.product((assign(), others), (SUITE, SUITE[::-1]), ("77", "78"))
    seeds = [seed_of(assignment, suite, Metadata(id=name), {}) for assignment, suite, name in cases]
    assert len(set(seeds)) == 8
    assert all(0 <= seed < SEEDS for seed in seeds)
    assert max(seeds) > 2**45


def test_without_an_id_the_seed_is_drawn(assign, monkeypatch):
    drawn = iter([11, 22])
    monkeypatch.setattr(secrets, "randbelow", lambda below: next(drawn))
    assert [seed_of(assign(), SUITE, Metadata(), {}) for _ in range(2)] == [11, 22]
