from itertools import pairwise
from math import cos, hypot, radians, sin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lessons.documents.greatcircles import (
    EARTH_KILOMETRES,
    Point,
    crossing,
    distance,
    points_between,
)

LONDON, MOSCOW, TASHKENT = (51.507, -0.128), (55.756, 37.617), (41.300, 69.240)
KARACHI, DELHI = (24.861, 67.001), (28.614, 77.209)
HALF_ROUND = 3.141592653589793 * EARTH_KILOMETRES

latitudes = st.floats(-90, 90, allow_nan=False)
longitudes = st.floats(-180, 180, allow_nan=False)
points = st.tuples(latitudes, longitudes)


def on_the_sphere(point: Point) -> tuple[float, float, float]:
    latitude, longitude = map(radians, point)
    return cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)


@pytest.mark.parametrize(
    ("start", "end", "length"),
    [
        (LONDON, MOSCOW, 2501),
        (MOSCOW, TASHKENT, 2791),
        (TASHKENT, KARACHI, 1840),
        (LONDON, KARACHI, 6308),
        (MOSCOW, KARACHI, 4180),
        (MOSCOW, DELHI, 4343),
    ],
)
def test_distances_are_those_of_the_fact_sheet(start: Point, end: Point, length: int) -> None:
    assert round(distance(start, end)) == length


def test_quarter_of_the_earth() -> None:
    assert distance((0, 0), (0, 90)) == pytest.approx(HALF_ROUND / 2)
    assert distance((0, 0), (90, 17)) == pytest.approx(HALF_ROUND / 2)
    assert distance((0, 0), (0, 180)) == pytest.approx(HALF_ROUND)


@given(points, points)
def test_distance_is_the_same_both_ways(one: Point, other: Point) -> None:
    assert distance(one, other) == pytest.approx(distance(other, one), abs=1e-6)
    assert 0 <= distance(one, other) <= HALF_ROUND + 1e-6


@given(points)
def test_distance_to_oneself_is_nothing(point: Point) -> None:
    assert distance(point, point) == 0


@given(points, points, points)
def test_way_round_is_never_shorter(one: Point, other: Point, third: Point) -> None:
    assert distance(one, other) <= distance(one, third) + distance(third, other) + 1e-3


@given(points, points, st.integers(1, 40))
@example((0.0, 0.0), (0.0, 3.6e-10), 2)
def test_points_are_on_the_sphere_even_and_add_up(one: Point, other: Point, parts: int) -> None:
    found = points_between(one, other, parts)
    assert len(found) == parts + 1
    assert (found[0], found[-1]) == (one, other)
    for point in found:
        assert -90 <= point[0] <= 90
        assert hypot(*on_the_sphere(point)) == pytest.approx(1)
    steps = [distance(*pair) for pair in pairwise(found)]
    whole = distance(one, other)
    assert sum(steps) == pytest.approx(whole, abs=0.01)
    assert all(step == pytest.approx(whole / parts, abs=0.01) for step in steps)


def test_line_between_antipodes_goes_over_the_pole() -> None:
    assert points_between((0.0, 10.0), (0.0, -170.0), 4) == [
        (0.0, 10.0),
        (45.0, 10.0),
        (90.0, 10.0),
        (45.0, -170.0),
        (0.0, -170.0),
    ]


def test_line_bends_towards_the_pole() -> None:
    middle = points_between((50.0, 0.0), (50.0, 90.0), 2)[1]
    assert middle[0] > 57
    assert middle[1] == pytest.approx(45)


def test_line_has_a_part() -> None:
    with pytest.raises(ValueError, match="one part"):
        points_between(LONDON, MOSCOW, 0)


def test_crossing_of_the_equator_and_a_meridian() -> None:
    assert crossing((0, -10), (0, 30), (-20, 5), (20, 5)) == pytest.approx((0, 5))
    assert crossing((0, -10), (0, 4), (-20, 5), (20, 5)) is None
    # Their great circles meet on the other side of the globe, their lines nowhere.
    assert crossing((0, 170), (0, -170), (-20, 5), (20, 5)) is None


def test_line_along_itself_has_no_crossing() -> None:
    assert crossing((0, 0), (0, 20), (0, 10), (0, 30)) is None


near = st.tuples(st.floats(-60, 60), st.floats(0, 40))


@given(near, near, near, near)
def test_crossing_lies_on_both_lines(one: Point, two: Point, three: Point, four: Point) -> None:
    found = crossing(one, two, three, four)
    if found is None:
        return
    for start, end in ((one, two), (three, four)):
        assert distance(start, found) + distance(found, end) == pytest.approx(
            distance(start, end), abs=0.01
        )
