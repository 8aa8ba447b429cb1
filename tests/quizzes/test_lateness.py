"""What being late costs: days begun × a share, never less than nothing is left."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.quizzes.models import Delivery, DeliveryException, Quiz
from lessons.quizzes.models.deliveries import LatePolicy
from lessons.quizzes.terms import days_late, late_share, resolve_terms

DUE = datetime(2026, 5, 4, 16, tzinfo=UTC)
GRACE = timedelta(seconds=Delivery.GRACE_SECONDS)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
shares = st.decimals(0, 1, places=3)
delays = st.integers(-(10**7), 10**7).map(lambda seconds: timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("after", "days"),
    [
        (-DAY, 0),
        (timedelta(0), 0),
        (GRACE, 0),
        (GRACE + SECOND, 1),
        (DAY, 1),
        (DAY + SECOND, 2),
        (2 * DAY, 2),
        (10 * DAY - SECOND, 10),
    ],
)
def test_a_day_begun_counts(after: timedelta, days: int) -> None:
    assert days_late(DUE + after, DUE) == days


def test_nothing_is_late_without_a_due_date() -> None:
    assert days_late(DUE, None) == 0


@given(delays, shares)
def test_the_share_is_between_none_and_all_and_grows_with_time(
    delay: timedelta, per_day: Decimal
) -> None:
    delivery = Delivery(late_policy=LatePolicy.PER_DAY, late_per_day=per_day)
    share = late_share(delivery, submitted_at=DUE + delay, due_at=DUE)
    later = late_share(delivery, submitted_at=DUE + delay + DAY, due_at=DUE)
    assert 0 <= share <= later <= 1
    if delay <= GRACE:
        assert share == 0
    else:
        assert share == min(Decimal(1), days_late(DUE + delay, DUE) * per_day)


@given(delays, shares, st.sampled_from([LatePolicy.NONE, LatePolicy.REFUSED]))
def test_other_policies_take_nothing_off(delay: timedelta, per_day: Decimal, policy: str) -> None:
    delivery = Delivery(late_policy=policy, late_per_day=per_day)
    assert late_share(delivery, submitted_at=DUE + delay, due_at=DUE) == 0


@given(delays, delays, shares)
def test_an_extension_never_costs_more(
    extra: timedelta, delay: timedelta, per_day: Decimal
) -> None:
    delivery = Delivery(due_at=DUE, late_policy=LatePolicy.PER_DAY, late_per_day=per_day)
    own = DeliveryException(due_at=DUE + abs(extra))
    at = DUE + delay
    shares = [
        late_share(delivery, submitted_at=at, due_at=resolve_terms(delivery, None, one).due_at)
        for one in (own, None)
    ]
    assert shares[0] <= shares[1]


@given(st.integers(1, 9), st.integers(60, 9999), st.none() | st.integers(1, 9))
def test_limits_of_a_delivery_are_about_what_is_handed_in(
    attempts: int, seconds: int, own: int | None
) -> None:
    delivery = Delivery(attempts_allowed=attempts, time_limit_seconds=seconds, closes_at=DUE)
    exception = DeliveryException(attempts_allowed=own)
    practice = resolve_terms(delivery, Quiz(purpose=Quiz.Purpose.PRACTICE), exception)
    graded = resolve_terms(delivery, Quiz(purpose=Quiz.Purpose.GRADED), exception)
    assert (practice.attempts_allowed, practice.time_limit) == (None, None)
    assert practice.closes_at == DUE
    assert graded.attempts_allowed == (own or attempts)
    assert graded.time_limit == timedelta(seconds=seconds)
