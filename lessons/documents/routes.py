"""Ways through the air, measured: their legs, lengths, and where they meet a dashed line.

Pure: rows in (their stops and references fetched before), strings and numbers out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from .greatcircles import Point, crossing, distance, points_between
from .models import MapLine, Place, Reference, Route

PATTERNS = 6
"""As many dash patterns as the template knows; the seventh route has the first again."""

ROUGH_KILOMETRES = 100
"""Crossings with one dashed line that are no farther apart are one: the line is no finer."""


@dataclass(frozen=True, slots=True)
class Dashed:
    """A line of its time, drawn dashed and roughly."""

    title: str
    note: str
    points: tuple[Point, ...]
    certainty_label: str
    references: tuple[Reference, ...]
    draft: bool


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where a leg meets a dashed line, as roughly as the line is drawn."""

    line: str
    point: Point
    where: str


@dataclass(frozen=True, slots=True)
class Leg:
    start: Place
    end: Place
    kilometres: float
    meetings: tuple[Meeting, ...] = ()

    @property
    def shown(self) -> str:
        return kilometres(self.kilometres)

    @property
    def ends(self) -> frozenset[str]:
        """The same for both directions."""
        return frozenset((self.start.key, self.end.key))


@dataclass(frozen=True, slots=True)
class Way:
    """A route with its number on the map, which is also its place in the legend and the table."""

    number: int
    key: str
    title: str
    note: str
    legs: tuple[Leg, ...]
    certainty_label: str
    references: tuple[Reference, ...]
    draft: bool

    @property
    def kilometres(self) -> float:
        """The whole way, of legs that were not rounded."""
        return sum(leg.kilometres for leg in self.legs)

    @property
    def total(self) -> str:
        return kilometres(self.kilometres)

    @property
    def pattern(self) -> int:
        return (self.number - 1) % PATTERNS + 1

    @property
    def stops(self) -> tuple[Place, ...]:
        return (self.legs[0].start, *(leg.end for leg in self.legs)) if self.legs else ()


def dash(lines: Iterable[MapLine]) -> tuple[Dashed, ...]:
    return tuple(
        Dashed(
            title=line.title,
            note=line.note,
            points=tuple(
                (float(latitude), float(longitude)) for latitude, longitude in line.points
            ),
            certainty_label=str(line.get_certainty_display()),
            references=tuple(line.references.all()),
            draft=not line.is_published,
        )
        for line in lines
    )


def measure(routes: Iterable[Route], lines: Sequence[Dashed] = ()) -> tuple[Way, ...]:
    """The routes in their order, numbered from 1, with the lengths of their legs."""
    return tuple(
        Way(
            number=number,
            key=route.key,
            title=route.title,
            note=route.note,
            legs=legs_between(_stops(route), lines),
            certainty_label=str(route.get_certainty_display()),
            references=tuple(route.references.all()),
            draft=not route.is_published,
        )
        for number, route in enumerate(routes, start=1)
    )


def kilometres(length: float) -> str:
    """Whole kilometres in the reader's figures, without the unit."""
    return number_format(round(length), use_l10n=True, force_grouping=True)


def coordinates(point: Point, *, decimals: int) -> str:
    """As people write them, rounded: 34.08° N, 74.80° E. No break inside a number."""
    latitude, longitude = round(point[0], decimals), round(point[1], decimals)
    north, east = (number_format(abs(part), decimals) for part in (latitude, longitude))
    # Translators: degrees of latitude, north or south, with a no-break space.
    across = _("%(degrees)s°\u00a0N") if latitude >= 0 else _("%(degrees)s°\u00a0S")
    # Translators: degrees of longitude, east or west, with a no-break space.
    along = _("%(degrees)s°\u00a0E") if longitude >= 0 else _("%(degrees)s°\u00a0W")
    return f"{across % {'degrees': north}}, {along % {'degrees': east}}"


def at(place: Place) -> Point:
    return float(place.latitude), float(place.longitude)


def name_of(place: Place) -> str:
    """The name of its time, and today's in brackets where it is another."""
    if not place.today or place.today == place.name:
        return place.name
    return _("%(name)s (today %(today)s)") % {"name": place.name, "today": place.today}


def legs_between(stops: Sequence[Place], lines: Sequence[Dashed] = ()) -> tuple[Leg, ...]:
    """From each stop to the next; none for fewer than two stops."""
    return tuple(
        Leg(start, end, distance(at(start), at(end)), _meetings(start, end, lines))
        for start, end in pairwise(stops)
    )


def _stops(route: Route) -> list[Place]:
    return [stop.place for stop in sorted(route.stops.all(), key=lambda stop: stop.order)]


def _meetings(start: Place, end: Place, lines: Sequence[Dashed]) -> tuple[Meeting, ...]:
    """In the order of flight; crossings close to one another are one, in their middle.

    A line drawn by a few points weaves across a leg that runs along it. To say where, whole degrees
    are as much as such a line can bear.
    """
    found: list[Meeting] = []
    for line in lines:
        points = [
            point
            for first, last in pairwise(line.points)
            if (point := crossing(at(start), at(end), first, last))
        ]
        points.sort(key=lambda point: distance(at(start), point))
        for group in _clusters(points):
            middle = points_between(group[0], group[-1], 2)[1]
            found.append(Meeting(line.title, middle, coordinates(middle, decimals=0)))
    return tuple(sorted(found, key=lambda meeting: distance(at(start), meeting.point)))


def _clusters(points: Sequence[Point]) -> list[list[Point]]:
    found: list[list[Point]] = []
    for point in points:
        if found and distance(found[-1][0], point) <= ROUGH_KILOMETRES:
            found[-1].append(point)
        else:
            found.append([point])
    return found
