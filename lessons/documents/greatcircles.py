"""Shortest lines on a globe: how long they are, where they run, where they meet.

Pure. A point is (latitude, longitude) in degrees, north and east positive; lengths are kilometres
on a sphere. The earth is no sphere: against an ellipsoid these lengths are off by half of one per
cent at most, which is why no page shows less than a kilometre.
"""

from math import asin, atan2, cos, degrees, hypot, pi, radians, sin, sqrt

Point = tuple[float, float]
Vector = tuple[float, float, float]

EARTH_KILOMETRES = 6371.0
"""Mean radius of the earth, (2a + b) / 3 of the GRS 80 ellipsoid (Moritz 1980), rounded."""

_NOTHING = 1e-12
_A_HAIR = 1e-9
"""Radians, some six millimetres: nearer than that, points are one, or opposite one another."""


def distance(start: Point, end: Point) -> float:
    """Kilometres along the great circle, by the haversine formula.

    R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984), p. 159. Unlike the law
    of cosines it keeps its figures for points near one another.
    """
    latitude, other = radians(start[0]), radians(end[0])
    half_north, half_east = (other - latitude) / 2, radians(end[1] - start[1]) / 2
    square = sin(half_north) ** 2 + cos(latitude) * cos(other) * sin(half_east) ** 2
    return 2 * EARTH_KILOMETRES * asin(min(1.0, sqrt(square)))


def points_between(start: Point, end: Point, parts: int) -> list[Point]:
    """`parts` + 1 points of the shortest line, evenly spread, both ends among them.

    Spherical linear interpolation (K. Shoemake, SIGGRAPH 1985, p. 248). Between antipodes every
    great circle is shortest; the one over the north pole is given.
    """
    if parts < 1:
        raise ValueError("A line has one part at least.")
    one, two = _vector(start), _vector(end)
    angle = _angle(one, two)
    shares = [part / parts for part in range(1, parts)]
    if angle < _A_HAIR:
        return [start, *(start for _share in shares), end]
    if pi - angle < _A_HAIR:
        inner = [_over_the_pole(start, end, share) for share in shares]
    else:
        inner = [_point(_blend(one, two, angle, share)) for share in shares]
    return [start, *inner, end]


def crossing(start: Point, end: Point, first: Point, last: Point) -> Point | None:
    """Where the shortest lines start–end and first–last cross; None where they do not.

    Two great circles meet at the two points at right angles to both their poles; a crossing is the
    one that lies on both lines. Lines that run along one another have no crossing.
    """
    one, two, three, four = map(_vector, (start, end, first, last))
    through = _cross(_cross(one, two), _cross(three, four))
    size = sqrt(_dot(through, through))
    if size < _NOTHING:
        return None
    for sign in (1, -1):
        meeting = (sign * through[0] / size, sign * through[1] / size, sign * through[2] / size)
        if _lies_between(meeting, one, two) and _lies_between(meeting, three, four):
            return _point(meeting)
    return None


def _lies_between(middle: Vector, one: Vector, two: Vector) -> bool:
    """Whether a point of their great circle is on the shortest line from `one` to `two`."""
    around = _angle(one, middle) + _angle(middle, two)
    return abs(around - _angle(one, two)) < 1e-9


def _over_the_pole(start: Point, end: Point, share: float) -> Point:
    climb = 180 * share
    if start[0] + climb <= 90:
        return start[0] + climb, start[1]
    return 180 - start[0] - climb, end[1]


def _blend(one: Vector, two: Vector, angle: float, share: float) -> Vector:
    near, far = sin((1 - share) * angle), sin(share * angle)
    x, y, z = (near * a + far * b for a, b in zip(one, two, strict=True))
    return x, y, z


def _vector(point: Point) -> Vector:
    latitude, longitude = radians(point[0]), radians(point[1])
    return cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)


def _point(vector: Vector) -> Point:
    x, y, z = vector
    return degrees(atan2(z, hypot(x, y))), degrees(atan2(y, x))


def _angle(one: Vector, two: Vector) -> float:
    """Radians between two directions; good for very small and very large angles."""
    across = _cross(one, two)
    return atan2(sqrt(_dot(across, across)), _dot(one, two))


def _dot(one: Vector, two: Vector) -> float:
    return one[0] * two[0] + one[1] * two[1] + one[2] * two[2]


def _cross(one: Vector, two: Vector) -> Vector:
    return (
        one[1] * two[2] - one[2] * two[1],
        one[2] * two[0] - one[0] * two[2],
        one[0] * two[1] - one[1] * two[0],
    )
