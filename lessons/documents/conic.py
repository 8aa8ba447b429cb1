"""The projection of the map of routes.

Why a conic and not the plain grid of the small map: the question asked of this map is which way is
longer, so lengths on it should look as long as they are. Between London and Delhi an equidistant
conic is true along every meridian and within about three per cent along every route, and a great
circle comes out nearly straight, as "the shortest line" should look. On a plain grid the same
lines bulge north and the north is stretched by half.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import cos, radians, sin

from .greatcircles import EARTH_KILOMETRES, Point
from .maps import GRID_DEGREES

Spot = tuple[float, float]
"""x and y in units of the drawing."""

EDGE = 26
"""Units round the points: room for a name above the northernmost."""

LEAST_DEGREES = 4.0
FLAT = 0.02
"""Below this cone constant the cone is as good as a cylinder, and its apex is too far away."""


class Conic:
    """Equidistant conic fitted round points (Snyder, Map Projections: A Working Manual, 1987,
    pp. 111-115), spherical form, standard parallels a sixth of the height inside.

    Round the equator, where the cone opens into a cylinder, it is the equirectangular projection.
    The seam is the meridian opposite the middle of the points; `runs` cuts lines there.
    """

    def __init__(
        self, points: Sequence[Point], *, width: int, tallest: float = 1.2, below: int = 0
    ) -> None:
        """The drawing is `width` units wide and as high as it needs; at least one point.

        Its points take no more than `tallest` times the width they could; `below` more units of
        height are left under them.
        """
        latitudes = [radians(latitude) for latitude, _longitude in points]
        north, south = max(latitudes), min(latitudes)
        self.middle = _middle([longitude for _latitude, longitude in points])
        first = south + (north - south) / 6
        second = north - (north - south) / 6
        self._shrink = cos((first + second) / 2)
        self._bend = (
            sin(first) if second - first < 1e-6 else (cos(first) - cos(second)) / (second - first)
        )
        self._apex = cos(first) / self._bend + first if abs(self._bend) > FLAT else 0.0
        plane = [self._plane(point) for point in points]
        left, right = min(x for x, _y in plane), max(x for x, _y in plane)
        self._top, bottom = max(y for _x, y in plane), min(y for _x, y in plane)
        room = width - 2 * EDGE
        self.units = room / max(
            right - left, (self._top - bottom) / tallest, radians(LEAST_DEGREES)
        )
        """Units of the drawing to a radian of the earth."""
        self._left = (left + right) / 2 - width / 2 / self.units
        self.width = width
        self.height = round((self._top - bottom) * self.units + 2 * EDGE) + below

    def place(self, point: Point) -> Spot:
        x, y = self._plane(point)
        return (x - self._left) * self.units, EDGE + (self._top - y) * self.units

    def length(self, kilometres: float) -> int:
        """Units of a distance along a meridian or a standard parallel."""
        return round(kilometres / EARTH_KILOMETRES * self.units)

    def shows(self, point: Point, *, within: float = 0) -> bool:
        """Whether the point is on the drawing, `within` units from its edge at least."""
        x, y = self.place(point)
        return within <= x <= self.width - within and within <= y <= self.height - within

    def runs(self, points: Sequence[Point]) -> list[list[Spot]]:
        """A line in the pieces of it that touch the drawing, cut at the seam."""
        pieces: list[list[Spot]] = []
        for before, after in pairwise(points):
            one, two = self.place(before), self.place(after)
            seam = abs(self._east(before[1]) - self._east(after[1])) > 180
            if seam or not self._touches(one, two):
                continue
            if not pieces or pieces[-1][-1] != one:
                pieces.append([one])
            pieces[-1].append(two)
        return pieces

    def grid(self) -> Iterator[list[Spot]]:
        """Every tenth meridian and parallel, as far as it is on the drawing."""
        every = range(-180, 181, GRID_DEGREES)
        for longitude in every[1:]:
            points = [(float(north), float(longitude)) for north in range(-90, 91, 5)]
            yield from self.runs(points)
        for latitude in range(-80, 81, GRID_DEGREES):
            around = [(float(latitude), self.middle - 180 + 4 * step) for step in range(91)]
            yield from self.runs(around)

    def _touches(self, one: Spot, two: Spot) -> bool:
        (left, right), (top, bottom) = sorted((one[0], two[0])), sorted((one[1], two[1]))
        return right >= 0 and left <= self.width and bottom >= 0 and top <= self.height

    def _east(self, longitude: float) -> float:
        """Degrees east of the middle, from -180 to 180."""
        east = (longitude - self.middle) % 360
        return east - 360 if east > 180 else east

    def _plane(self, point: Point) -> Spot:
        """x and y in radians of the earth, y to the north."""
        latitude, east = radians(point[0]), radians(self._east(point[1]))
        if abs(self._bend) <= FLAT:
            return east * self._shrink, latitude
        radius = self._apex - latitude
        turn = self._bend * east
        return radius * sin(turn), self._apex - radius * cos(turn)


def _middle(longitudes: Sequence[float]) -> float:
    """The middle of the shortest stretch that holds them all, from -180 to 180."""
    around = sorted({longitude % 360 for longitude in longitudes})
    gaps = [
        (after - before, before)
        for before, after in zip(around, [*around[1:], around[0] + 360], strict=True)
    ]
    widest, before_gap = max(gaps)
    middle = before_gap - (360 - widest) / 2
    return (middle + 180) % 360 - 180
