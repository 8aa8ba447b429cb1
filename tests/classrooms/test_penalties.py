from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.classrooms.penalties import days_late, share_off

DUE = datetime(2026, 3, 27, 17, 0, tzinfo=UTC)
"""Two days before British clocks go forward: a day is 24 hours, whatever the clocks show."""


@pytest.mark.parametrize(
    ("after", "days"),
    [
        (timedelta(seconds=-1), 0),
        (timedelta(0), 0),
        (timedelta(seconds=30), 0),
        (timedelta(seconds=31), 1),
        (timedelta(hours=24), 1),
        (timedelta(hours=24, seconds=1), 2),
        (timedelta(days=3), 3),
        (timedelta(days=3, microseconds=1), 4),
    ],
)
def test_days_are_counted_as_soon_as_they_begin(after: timedelta, days: int) -> None:
    assert days_late(DUE + after, DUE) == days


def test_nothing_is_late_without_a_due_date() -> None:
    assert days_late(DUE, None) == 0


@pytest.mark.parametrize(
    ("policy", "days", "share"),
    [
        ("per-day", 0, "0"),
        ("per-day", 3, "0.3"),
        ("per-day", 10, "1.0"),
        ("per-day", 11, "1"),
        ("none", 3, "0"),
        ("refused", 3, "0"),
    ],
)
def test_share_grows_with_the_days_up_to_all_of_it(policy: str, days: int, share: str) -> None:
    assert share_off(policy, Decimal("0.1"), days) == Decimal(share)


@given(st.timedeltas(timedelta(0), timedelta(days=400)), st.decimals(0, 1, places=3))
def test_lateness_never_earns_and_never_costs_more_than_all(
    after: timedelta, per_day: Decimal
) -> None:
    days = days_late(DUE + after, DUE)
    earlier = days_late(DUE + after / 2, DUE)
    assert 0 <= share_off("per-day", per_day, earlier) <= share_off("per-day", per_day, days) <= 1
