"""A small map: dots and names on an equirectangular grid, no coastlines and no borders.

Pure: places in, whole numbers out. A template draws them (documents/_small_map.html), so no figure
can meet a decimal comma on its way into SVG.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Protocol

from django.utils.translation import gettext as _

from .models import Place

WIDTH = 360
"""Units of the drawing: about a pixel each on the narrowest screen, more on others."""

TEXT = 15
"""Height of a name in units; the style sheet draws names at this size."""

LETTER = 0.56
"""Mean width of a letter, as a share of its height (measured on the label faces, rounded up)."""

DOT = 4
GAP = 4
MARGIN = 20
KILOMETRES_PER_DEGREE = 111.2
DISPUTED_KILOMETRES = 270
"""Radius of the circle round a disputed area: a sign on the map, not its extent."""

GRID_DEGREES = 10
ENOUGH_TRIES = 20_000


@dataclass(frozen=True, slots=True)
class Label:
    """A name at (x, y), its base line; `anchor` is SVG's text-anchor."""

    text: str
    x: int
    y: int
    anchor: str


@dataclass(frozen=True, slots=True)
class Dot:
    key: str
    name: str
    today: str
    note: str
    x: int
    y: int
    label: Label


@dataclass(frozen=True, slots=True)
class Area:
    name: str
    x: int
    y: int
    radius: int
    label: Label


@dataclass(frozen=True, slots=True)
class Line:
    x1: int
    y1: int
    x2: int
    y2: int


@dataclass(frozen=True, slots=True)
class SmallMap:
    """All that the template draws. `scale` is as long as `scale_kilometres` at mid-height."""

    id: str
    title: str
    description: str
    caption: str
    width: int
    height: int
    text_size: int
    dot_radius: int
    dots: tuple[Dot, ...]
    areas: tuple[Area, ...]
    grid: tuple[Line, ...]
    scale: Line
    scale_kilometres: int


@dataclass(frozen=True, slots=True)
class Box:
    """What a name or a sign covers, in units of the drawing."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """The shared area in square units."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide * high if wide > 0 and high > 0 else 0.0


class HasLength(Protocol):
    def length(self, kilometres: float) -> int:
        """Units of a distance on the ground."""


class Projection:
    """Equirectangular, true to scale along its middle parallel (Snyder 1987, p. 90)."""

    def __init__(self, points: Sequence[tuple[float, float]], *, width: int) -> None:
        """`points` are (latitude, longitude) in degrees; the drawing is `width` units wide."""
        latitudes = [latitude for latitude, _longitude in points]
        longitudes = [longitude for _latitude, longitude in points]
        self.north, south = max(latitudes), min(latitudes)
        self.west, east = min(longitudes), max(longitudes)
        self.shrink = cos(radians((self.north + south) / 2))
        wide = (east - self.west) * self.shrink
        high = self.north - south
        room = width - 2 * MARGIN
        # One place, or a column of them, would otherwise be drawn at an absurd scale.
        self.units_per_degree = room / max(wide, high / 1.2, 4.0)
        self.left = (width - wide * self.units_per_degree) / 2
        self.height = round(high * self.units_per_degree + 2 * MARGIN)
        self.width = width

    def place(self, latitude: float, longitude: float) -> tuple[int, int]:
        x = self.left + (longitude - self.west) * self.shrink * self.units_per_degree
        y = MARGIN + (self.north - latitude) * self.units_per_degree
        return round(x), round(y)

    def length(self, kilometres: float) -> int:
        """Units of a distance along the middle parallel or a meridian."""
        return round(kilometres / KILOMETRES_PER_DEGREE * self.units_per_degree)

    def grid(self) -> Iterator[Line]:
        """Every tenth meridian and parallel that crosses the drawing."""
        for degree in range(-180, 181, GRID_DEGREES):
            x, _y = self.place(self.north, degree)
            if 0 < x < self.width:
                yield Line(x, 0, x, self.height)
        for degree in range(-90, 91, GRID_DEGREES):
            _x, y = self.place(degree, self.west)
            if 0 < y < self.height:
                yield Line(0, y, self.width, y)


def small_map(
    places: Iterable[Place], *, year: int | None = None, name: str = "map"
) -> SmallMap | None:
    """The map of `places` with their names as of `year`, or of their time; None for no places.

    Names are placed so that none lies on another name, on a dot or outside, wherever some placing
    allows it; otherwise where least is covered. A place with `disputed` has a dashed circle.
    `name` begins the drawing's ids on its page.
    """
    found = sorted(places, key=lambda place: (-float(place.latitude), place.key))
    if not found:
        return None
    points = [(float(place.latitude), float(place.longitude)) for place in found]
    projection = Projection(points, width=WIDTH)
    spots = [projection.place(*point) for point in points]
    radius = projection.length(DISPUTED_KILOMETRES)
    disputed = [(place, spot) for place, spot in zip(found, spots, strict=True) if place.disputed]
    scale_kilometres = round_scale(projection)
    scale_length = projection.length(scale_kilometres)
    height = projection.height + TEXT + MARGIN
    scale = Line(MARGIN, height - 8, MARGIN + scale_length, height - 8)

    wanted = [(place.name, spot, DOT) for place, spot in zip(found, spots, strict=True)]
    wanted += [(_area_name(place), spot, radius) for place, spot in disputed]
    taken = [Box(x - DOT - 1, y - DOT - 1, x + DOT + 1, y + DOT + 1) for x, y in spots]
    taken.append(Box(0, height - 8 - TEXT - 5, max(scale.x2, MARGIN + 5 * TEXT), height))
    labels = place_labels(wanted, taken=taken, width=WIDTH, height=height)
    return SmallMap(
        id=name,
        title=_("Map of the places in the text"),
        description=_("From north to south: %(places)s. No borders are drawn.")
        % {"places": ", ".join(place.name for place in found)},
        caption=_caption(year, disputed=bool(disputed)),
        width=WIDTH,
        height=height,
        text_size=TEXT,
        dot_radius=DOT,
        dots=tuple(
            Dot(place.key, place.name, place.today, place.note, *spot, label)
            for place, spot, label in zip(found, spots, labels, strict=False)
        ),
        areas=tuple(
            Area(_area_name(place), *spot, radius, label)
            for (place, spot), label in zip(disputed, labels[len(found) :], strict=True)
        ),
        grid=tuple(projection.grid()),
        scale=scale,
        scale_kilometres=scale_kilometres,
    )


def place_labels(
    wanted: Sequence[tuple[str, tuple[int, int], int]],
    *,
    taken: Sequence[Box],
    width: int,
    height: int,
) -> list[Label]:
    """A place for each (text, centre, radius) beside its centre, in the order given.

    Depth-first over eight sides of each centre, the most crowded first.
    """
    choices = [
        [label for label in sides(text, spot, radius) if inside(_box(label), width, height)]
        or list(sides(text, spot, radius))
        for text, spot, radius in wanted
    ]
    free = [
        [label for label in options if not any(_box(label).overlap(box) for box in taken)]
        for options in choices
    ]
    order = sorted(range(len(wanted)), key=lambda index: len(free[index]))
    chosen: dict[int, Label] = {}
    tries = 0

    def search(depth: int) -> bool:
        nonlocal tries
        if depth == len(order):
            return True
        index = order[depth]
        for label in free[index]:
            tries += 1
            if tries > ENOUGH_TRIES:
                return False
            if not any(_box(label).overlap(_box(other)) for other in chosen.values()):
                chosen[index] = label
                if search(depth + 1):
                    return True
                del chosen[index]
        return False

    if not search(0):
        chosen.clear()
        for index in order:
            boxes = [*taken, *(_box(label) for label in chosen.values())]
            chosen[index] = min(
                choices[index], key=lambda label: sum(_box(label).overlap(box) for box in boxes)
            )
    return [chosen[index] for index in range(len(wanted))]


def label_box(label: Label) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a name as far as its letters can be measured here."""
    box = _box(label)
    return box.left, box.top, box.right, box.bottom


def _caption(year: int | None, *, disputed: bool) -> str:
    names = _("Names as of %(year)s.") % {"year": year} if year else _("Names of the time.")
    if not disputed:
        return f"{names} {_('The map does not decide whose territory is whose.')}"
    sign = _(
        "The map does not decide whose territory is whose: it draws no borders, and a dashed "
        "circle says only that an area was in dispute."
    )
    return f"{names} {sign}"


def _area_name(place: Place) -> str:
    return _("%(area)s, disputed") % {"area": place.disputed}


def round_scale(projection: HasLength, width: int = WIDTH) -> int:
    """The longest round distance that takes at most a third of a drawing `width` units wide."""
    fitting = [
        kilometres
        for kilometres in (10, 20, 50, 100, 200, 500, 1000, 2000)
        if projection.length(kilometres) <= width / 3
    ]
    return fitting[-1] if fitting else 10


def sides(text: str, spot: tuple[int, int], radius: int) -> Iterator[Label]:
    """Eight places for a name: beside, then above and below, then at the corners."""
    x, y = spot
    beside, middle = radius + GAP, round(TEXT * 0.34)
    over, under = y - radius - GAP, y + radius + GAP + round(TEXT * 0.75)
    yield Label(text, x + beside, y + middle, "start")
    yield Label(text, x - beside, y + middle, "end")
    yield Label(text, x, over, "middle")
    yield Label(text, x, under, "middle")
    yield Label(text, x + GAP, over, "start")
    yield Label(text, x + GAP, under, "start")
    yield Label(text, x - GAP, over, "end")
    yield Label(text, x - GAP, under, "end")


def _box(label: Label) -> Box:
    wide = len(label.text) * TEXT * LETTER
    left = {"start": label.x, "middle": label.x - wide / 2, "end": label.x - wide}[label.anchor]
    return Box(left, label.y - TEXT * 0.8, left + wide, label.y + TEXT * 0.25)


def inside(box: Box, width: int, height: int) -> bool:
    return box.left >= 2 and box.top >= 2 and box.right <= width - 2 and box.bottom <= height - 2
