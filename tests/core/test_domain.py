"""Counting politely."""

from datetime import UTC, datetime, timedelta

import time_machine

from lessons.core import domain

NOW = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)


def allowed(name: str) -> bool:
    return domain.within_limit(name=name, limit=2, seconds=3600)


def test_limit_holds_for_each_name_until_its_hour_is_over() -> None:
    with time_machine.travel(NOW, tick=False):
        assert [allowed("a"), allowed("a"), allowed("a")] == [True, True, False]
        assert allowed("b") is True
    with time_machine.travel(NOW + timedelta(minutes=59), tick=False):
        assert allowed("a") is False
    with time_machine.travel(NOW + timedelta(minutes=61), tick=False):
        assert allowed("a") is True


def test_names_of_any_kind_are_counted() -> None:
    for name in ("", "with spaces\n", "x" * 10_000, "\ud800", "نور"):
        assert [allowed(name), allowed(name), allowed(name)] == [True, True, False]
