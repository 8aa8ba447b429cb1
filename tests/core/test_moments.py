"""Local times that exist once, never, or twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.core.moments import next_time, read_local, say, say_day, to_local

LONDON = ZoneInfo("Europe/London")
ZONES = ["Europe/London", "America/New_York", "Asia/Karachi", "Australia/Lord_Howe", "UTC"]
locals_ = st.datetimes(datetime(2000, 1, 1), datetime(2100, 12, 31))  # noqa: DTZ001


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_time_in_a_gap_is_taken_after_it() -> None:
    read = read_local(local("2026-03-29T01:30"), LONDON, later=True)
    assert (read.skipped, read.repeated) == (True, False)
    assert to_local(read.moment, LONDON) == "2026-03-29T02:30"
    assert read.moment == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(("later", "hour"), [(False, 0), (True, 1)])
def test_a_time_in_a_fold_is_the_first_or_the_second(later: bool, hour: int) -> None:
    read = read_local(local("2026-10-25T01:30"), LONDON, later=later)
    assert (read.skipped, read.repeated) == (False, True)
    assert read.moment == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)


@given(locals_, st.sampled_from(ZONES), st.booleans())
def test_what_exists_comes_back_as_it_was_typed(typed: datetime, name: str, later: bool) -> None:
    zone, typed = ZoneInfo(name), typed.replace(second=0, microsecond=0)
    read = read_local(typed, zone, later=later)
    shown = read.moment.astimezone(zone).replace(tzinfo=None)
    if read.skipped:
        assert timedelta(0) < shown - typed <= timedelta(hours=1)
    else:
        assert shown == typed


@given(locals_, st.sampled_from(ZONES))
def test_the_second_time_is_never_before_the_first(typed: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    first, second = (read_local(typed, zone, later=later) for later in (False, True))
    assert second.moment >= first.moment
    assert (second.moment > first.moment) == second.repeated


def test_an_instant_is_said_in_its_zone_which_is_named() -> None:
    moment = datetime(2026, 5, 4, 16, 0, tzinfo=UTC)
    assert say(moment, LONDON) == "Monday, 4 May 2026, 17:00 (Europe/London)"
    new_york = ZoneInfo("America/New_York")
    assert say(moment, new_york) == "Monday, 4 May 2026, 12:00 (America/New York)"
    assert say_day(moment, ZoneInfo("Pacific/Kiritimati")) == "5 May"


@pytest.mark.parametrize(
    ("hour", "words"),
    [(0, "01:30 BST"), (1, "01:30 GMT"), (2, "02:30")],
)
def test_an_instant_of_an_hour_that_comes_twice_is_told_from_its_twin(
    hour: int, words: str
) -> None:
    moment = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    assert say(moment, LONDON) == f"Sunday, 25 October 2026, {words} (Europe/London)"


def test_next_week_is_the_same_hour_over_a_change_of_clocks() -> None:
    moment = datetime(2026, 3, 25, 12, 0, tzinfo=UTC)
    found = next_time(moment, LONDON, days=7, hour=17)
    assert to_local(found, LONDON) == "2026-04-01T17:00"
