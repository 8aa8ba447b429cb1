"""From London to Karachi in one day, as ¶7 says? Kilometres into hours, every assumption named.

Pure. The figures are those of `fixtures/documents/references.yaml`: keys tu-104-speed and
tu-104-range. They are quoted figures of one aircraft, not of a service that was found.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from .routes import Way, kilometres

CLAIM = ("london", "karachi")
"""Keys of the places that ¶7 of the record joins with "in one day"."""

SLOW, FAST = 750, 850
"""Kilometres an hour: the quoted cruise is 800 to 850, others say more; 750 allows for wind."""

RANGE_KILOMETRES = 2650
STOP_HOURS = 1.5
CLIMB_HOURS = 1.5
"""For all climbs and landings of the way together."""


@dataclass(frozen=True, slots=True)
class Day:
    """Hours of a way as people read them: `flying` in tenths, `elapsed` in whole hours."""

    way: Way
    flying: str
    elapsed: str
    longest: str
    beyond_range: bool


def days_of(ways: Iterable[Way]) -> tuple[Day, ...]:
    """The ways of the claim at 850 to 750 km/h: in the air, and with stops and climbs."""
    return tuple(
        _day(way) for way in ways if way.legs and (way.stops[0].key, way.stops[-1].key) == CLAIM
    )


def _day(way: Way) -> Day:
    flying = way.kilometres / FAST, way.kilometres / SLOW
    more = STOP_HOURS * (len(way.legs) - 1) + CLIMB_HOURS
    longest = max(leg.kilometres for leg in way.legs)
    return Day(
        way=way,
        flying=_between(*(number_format(round(hours, 1), 1) for hours in flying)),
        elapsed=_between(*(str(round(hours + more)) for hours in flying)),
        longest=kilometres(longest),
        beyond_range=longest > RANGE_KILOMETRES,
    )


def _between(least: str, most: str) -> str:
    # Translators: a range of hours, such as 8.4–9.5.
    return least if least == most else _("%(least)s–%(most)s") % {"least": least, "most": most}
