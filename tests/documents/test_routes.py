import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from lessons.documents.models import Place, RouteStop
from lessons.documents.routes import coordinates, dash, kilometres, measure, name_of

from .routing import WAYS, a_line, a_way, make_line, make_route


def test_totals_are_those_of_the_fact_sheet() -> None:
    totals = [a_way(number, stops).total for number, stops in enumerate(WAYS, start=1)]
    assert totals == ["7,131", "7,128", "6,308", "4,343", "4,376", "5,726"]


def test_total_is_rounded_once() -> None:
    way = a_way(1, WAYS[0])
    assert [leg.shown for leg in way.legs] == ["2,501", "2,791", "1,840"]
    assert 2501 + 2791 + 1840 == 7132  # what rounding first would say
    assert way.total == "7,131"
    assert [place.name for place in way.stops] == ["London", "Moscow", "Tashkent", "Karachi"]


def test_straight_line_meets_the_ceasefire_line_once_and_roughly() -> None:
    """It weaves across the drawn line three times; no one may read three crossings off that."""
    way = a_way(5, WAYS[4], (a_line(),))
    assert way.legs[0].meetings == ()
    (meeting,) = way.legs[1].meetings
    assert meeting.where == "34°\u00a0N, 74°\u00a0E"
    assert meeting.point == pytest.approx((34.0, 74.2), abs=0.3)
    assert meeting.line == "Ceasefire line"


@pytest.mark.parametrize("stops", [WAYS[0], WAYS[1], WAYS[2], WAYS[3], WAYS[5]])
def test_other_ways_do_not_meet_the_ceasefire_line(stops: str) -> None:
    assert not [leg.meetings for leg in a_way(1, stops, (a_line(),)).legs if leg.meetings]


def test_crossings_far_apart_are_told_apart_in_the_order_of_flight() -> None:
    gate = a_line([[40.0, 68.0], [40.0, 72.0], [30.0, 80.0], [30.0, 70.0]])
    meetings = a_way(1, "tashkent new-delhi", (gate,)).legs[0].meetings
    assert [meeting.where for meeting in meetings] == [
        "40°\u00a0N, 70°\u00a0E",
        "30°\u00a0N, 76°\u00a0E",
    ]
    back = a_way(1, "new-delhi tashkent", (gate,)).legs[0].meetings
    assert [meeting.where for meeting in back] == [
        "30°\u00a0N, 76°\u00a0E",
        "40°\u00a0N, 70°\u00a0E",
    ]


def test_way_without_two_stops_has_no_legs() -> None:
    way = a_way(1, "london")
    assert (way.legs, way.stops, way.kilometres) == ((), (), 0)


def test_pattern_comes_again_after_the_last() -> None:
    assert [a_way(number, "london").pattern for number in (1, 6, 7)] == [1, 6, 1]


@pytest.mark.parametrize(
    ("point", "decimals", "words"),
    [
        ((55.756, 37.617), 2, "55.76° N, 37.62° E"),  # rounded, not cut
        ((51.507, -0.128), 2, "51.51° N, 0.13° W"),
        ((-33.9, 151.25), 1, "33.9° S, 151.2° E"),
        ((-0.2, -0.3), 0, "0° N, 0° E"),  # never 0° S
    ],
)
def test_coordinates_are_written_as_people_do(
    point: tuple[float, float], decimals: int, words: str
) -> None:
    assert coordinates(point, decimals=decimals).replace("\u00a0", " ") == words


@given(st.floats(0, 20_015))
def test_kilometres_are_whole_and_grouped(length: float) -> None:
    assert int(kilometres(length).replace(",", "")) == round(length)


def test_figures_follow_the_language() -> None:
    with translation.override("de"):
        assert kilometres(7131.2) == "7.131"


def test_todays_name_is_in_brackets_once_it_is_another() -> None:
    assert name_of(Place(name="Dacca", today="Dhaka")) == "Dacca (today Dhaka)"
    assert name_of(Place(name="Lahore", today="")) == "Lahore"
    assert name_of(Place(name="Lahore", today="Lahore")) == "Lahore"


@pytest.mark.django_db
def test_routes_are_measured_in_the_order_of_their_stops() -> None:
    one = make_route("one", "london moscow tashkent karachi")
    two = make_route("two", "moscow tashkent new-delhi", status="draft")
    RouteStop.objects.filter(route=one, key="s2").update(order=9)
    ways = measure([one, two], dash([make_line()]))
    assert [(way.number, way.key, way.draft) for way in ways] == [
        (1, "one", False),
        (2, "two", True),
    ]
    assert [stop.name for stop in ways[0].stops] == ["London", "Tashkent", "Karachi", "Moscow"]
    assert ways[1].total == "4,376"
    assert len(ways[1].legs[1].meetings) == 1
    assert ways[0].certainty_label == "Our reading of the evidence."
    assert [reference.key for reference in ways[0].references] == ["test-ref"]
