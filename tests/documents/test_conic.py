from itertools import pairwise
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.documents.conic import EDGE, Conic, Spot
from lessons.documents.greatcircles import Point, distance, points_between

LONDON, MOSCOW, TASHKENT = (51.507, -0.128), (55.756, 37.617), (41.300, 69.240)
KARACHI, DELHI = (24.861, 67.001), (28.614, 77.209)
ROME, CAIRO = (41.890, 12.490), (30.044, 31.236)
LEGS = [
    (LONDON, MOSCOW),
    (MOSCOW, TASHKENT),
    (TASHKENT, KARACHI),
    (TASHKENT, DELHI),
    (LONDON, ROME),
    (ROME, CAIRO),
    (CAIRO, KARACHI),
    (LONDON, KARACHI),
    (MOSCOW, DELHI),
]


def drawn_length(run: list[Spot]) -> float:
    return sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(run))


def test_legs_look_as_long_as_they_are() -> None:
    """Why this projection: within three per cent of one scale from London to Delhi."""
    curves = [points_between(*leg, 40) for leg in LEGS]
    conic = Conic([point for curve in curves for point in curve], width=720)
    scale = conic.length(10_000) / 10_000
    for leg, curve in zip(LEGS, curves, strict=True):
        (run,) = conic.runs(curve)
        assert drawn_length(run) / distance(*leg) == pytest.approx(scale, rel=0.03), leg


def test_great_circle_is_nearly_straight() -> None:
    curve = points_between(LONDON, KARACHI, 40)
    conic = Conic(curve, width=720)
    (run,) = conic.runs(curve)
    straight = hypot(run[-1][0] - run[0][0], run[-1][1] - run[0][1])
    assert drawn_length(run) < straight * 1.005


def test_north_is_up_and_east_is_right() -> None:
    conic = Conic([LONDON, MOSCOW, KARACHI, DELHI], width=360)
    assert conic.place(MOSCOW)[1] < conic.place(KARACHI)[1]
    assert conic.place(LONDON)[0] < conic.place(MOSCOW)[0] < conic.place(DELHI)[0]


@pytest.mark.parametrize(
    "points",
    [
        [(-33.9, 151.2), (-36.8, 174.8)],  # south of the equator
        [(-10.0, 20.0), (10.0, 50.0)],  # across it, where the cone is a cylinder
        [(35.7, 139.7), (61.2, -149.9)],  # across the date line
        [(90.0, 0.0), (60.0, 10.0)],
        [(0.0, 0.0)],
    ],
)
def test_everywhere_is_drawn_inside(points: list[Point]) -> None:
    conic = Conic(points, width=360, below=35)
    for point in points:
        x, y = conic.place(point)
        assert EDGE - 0.01 <= x <= 360 - EDGE + 0.01
        assert EDGE - 0.01 <= y <= conic.height - EDGE - 35 + 1
    assert list(conic.grid())


def test_east_is_right_across_the_date_line() -> None:
    conic = Conic([(40.0, 170.0), (40.0, -170.0)], width=360)
    assert conic.place((40.0, 170.0))[0] < conic.place((40.0, -170.0))[0]
    assert conic.middle == -180


def test_line_is_cut_at_the_seam() -> None:
    conic = Conic([(10.0, -60.0), (10.0, 60.0)], width=360)
    over_the_back = [(10.0, 170.0), (10.0, 178.0), (10.0, -178.0), (10.0, -170.0)]
    for run in conic.runs(over_the_back):
        assert all(abs(a[0] - b[0]) < 90 for a, b in pairwise(run))


def test_line_that_leaves_the_drawing_comes_back_as_another_piece() -> None:
    conic = Conic([(30.0, 70.0), (36.0, 76.0)], width=360)
    there_and_back = [(33.0, 72.0), (33.0, 90.0), (45.0, 90.0), (34.0, 90.0), (34.0, 73.0)]
    assert [len(run) for run in conic.runs(there_and_back)] == [2, 2]
    assert conic.runs([(50.0, 70.0), (50.0, 80.0)]) == []


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=8))
def test_any_points_are_on_the_drawing(points: list[Point]) -> None:
    conic = Conic(points, width=360)
    assert conic.units > 0
    for point in points:
        assert conic.shows(point, within=EDGE - 1)
