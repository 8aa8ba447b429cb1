"""Instants in somebody's own zone, said and read in words and forms.

The database holds UTC. What people see names its zone; what they type may not exist there (the
hour that clocks skip in spring) or exist twice (the hour they repeat in autumn).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _


def zone_name(zone: tzinfo) -> str:
    """As people read it: Europe/London, America/New York."""
    return str(zone).replace("_", " ")


def say(moment: datetime, zone: tzinfo) -> str:
    """Monday, 4 May 2026, 17:00 (Europe/London).

    In an hour that the clocks show twice: Sunday, 25 October 2026, 02:30 CET (Europe/Berlin).
    """
    local = moment.astimezone(zone)
    words = date_format(local, "l, j F Y, H:i")
    if local.replace(fold=1 - local.fold).utcoffset() != local.utcoffset():
        words += f" {local.tzname()}"
    return _("%(moment)s (%(zone)s)") % {"moment": words, "zone": zone_name(zone)}


def say_shortly(moment: datetime, zone: tzinfo) -> str:
    """4 May 2026, 17:00: where the zone is named beside it."""
    return date_format(moment.astimezone(zone), "j F Y, H:i")


def say_to_the_second(moment: datetime, zone: tzinfo) -> str:
    return date_format(moment.astimezone(zone), "j F Y, H:i:s")


def say_day(moment: datetime, zone: tzinfo) -> str:
    """4 May."""
    return date_format(moment.astimezone(zone), "j F")


@dataclass(frozen=True)
class Read:
    """What a local time was taken for."""

    moment: datetime
    """In UTC."""
    skipped: bool = False
    """The clocks jump over it; it was taken as long after the jump as it stands after its start."""
    repeated: bool = False
    """The clocks show it twice."""


def read_local(local: datetime, zone: ZoneInfo, *, later: bool) -> Read:
    """The instant of a naive local time.

    In a gap (02:30 where 02:00 becomes 03:00) it is 03:30, as PEP 495 reads it with fold 0. In a
    fold the second of the two is taken where `later`, else the first.
    """
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return Read(first.astimezone(UTC))
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0) != local:
        return Read(first.astimezone(UTC), skipped=True)
    return Read((second if later else first).astimezone(UTC), repeated=True)


def to_local(moment: datetime, zone: tzinfo) -> str:
    """The value of an `<input type="datetime-local">`: 2026-05-04T17:00."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def next_time(moment: datetime, zone: ZoneInfo, *, days: int, hour: int) -> datetime:
    """At `hour` o'clock, that many days after `moment`, in the zone; in UTC."""
    day = moment.astimezone(zone).date() + timedelta(days=days)
    local = datetime(day.year, day.month, day.day, hour)  # noqa: DTZ001  # read in its zone below
    return read_local(local, zone, later=True).moment
