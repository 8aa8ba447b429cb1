import re
from itertools import combinations

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.documents.maps import TEXT, WIDTH, label_box
from lessons.documents.models import Place
from lessons.documents.routemaps import Drawing, RouteMap, draw_route_map, route_map
from lessons.documents.routes import Dashed, Way

from .routing import WAYS, a_line, a_place, a_way, make_line, make_place, make_route

AROUND = ["srinagar", "rawalpindi", "lahore", "kabul"]


def all_ways(line: Dashed | None = None) -> list[Way]:
    lines = (line,) if line else ()
    return [a_way(number, stops, lines) for number, stops in enumerate(WAYS, start=1)]


def drawn(*numbers: int, lines: tuple[Dashed, ...] = (a_line(),)) -> RouteMap:
    ways = all_ways(lines[0] if lines else None)
    chosen = [way.key for way in ways if way.number in numbers] if numbers else None
    places: list[Place] = [a_place(key) for key in AROUND]
    places[0].disputed = "Kashmir"
    return route_map(ways, lines, places, year=1958, name="map", chosen=chosen)


def drawings(found: RouteMap) -> list[Drawing]:
    return [*found.drawings, *([found.closer] if found.closer else [])]


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return min(one[2], other[2]) > max(one[0], other[0]) and min(one[3], other[3]) > max(
        one[1], other[1]
    )


def test_all_ways_are_drawn_for_phones_and_for_desks_and_from_closer_by() -> None:
    found = drawn()
    assert [(one.kind, one.id, one.width) for one in drawings(found)] == [
        ("narrow", "map-narrow", WIDTH),
        ("wide", "map-wide", 720),
        ("closer", "map-closer", WIDTH),
    ]
    # Ten stretches between stops, some used by two or three ways: 13 lines and 10 numbers.
    for one in found.drawings:
        assert len(one.strokes) == 13
        assert sorted(sign.text.replace("\u2002", " ") for sign in one.signs) == [
            "1", "1 5 6", "1 6", "2", "2", "2", "3", "4", "5", "6",
        ]  # fmt: skip


def test_names_and_numbers_lie_on_nothing() -> None:
    for one in drawings(drawn()):
        names = [label_box(label) for label in one.labels]
        signs = [
            (sign.left, sign.top, sign.left + sign.width, sign.top + sign.height)
            for sign in one.signs
        ]
        dots = [(dot.x - 4, dot.y - 4, dot.x + 4, dot.y + 4) for dot in one.dots]
        boxes = [*names, *signs]
        assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)], one.kind
        assert not [(box, dot) for box in names for dot in dots if overlap(box, dot)], one.kind
        for box in [*boxes, *(label_box(label) for label in (*one.areas, *one.lengths))]:
            assert box[0] >= 0, one.kind
            assert box[1] >= 0, one.kind
            assert box[2] <= one.width, one.kind
            assert box[3] <= one.height, one.kind


def test_names_can_be_read_on_the_narrowest_screen() -> None:
    for one in drawings(drawn()):
        if one.kind != "wide":
            assert one.text_size * 288 / one.width >= 12
    assert TEXT == 15


def test_ways_that_share_a_leg_run_side_by_side() -> None:
    wide = drawn(1, 6).drawings[1]
    shared = [stroke for stroke in wide.strokes if stroke.pattern in (1, 6)]
    middles = set()
    for stroke in shared:
        spots = re.findall(r"(-?[\d.]+) (-?[\d.]+)", stroke.d)
        middles.add(spots[len(spots) // 2])
    assert len(middles) == len(shared) == 6  # LM, MT twice, TK twice, KD


def test_chosen_way_keeps_its_number_and_its_pattern() -> None:
    found = drawn(5)
    assert [(way.number, way.pattern) for way in found.ways] == [(5, 5)]
    assert {stroke.pattern for stroke in found.drawings[0].strokes} == {5}
    assert {sign.text for sign in found.drawings[0].signs} == {"5"}


def test_lengths_are_on_the_wide_drawing() -> None:
    narrow, wide = drawn(1).drawings
    assert narrow.lengths == ()
    assert sorted(label.text for label in wide.lengths) == ["1,840 km", "2,501 km", "2,791 km"]


def test_closer_drawing_shows_where_the_straight_line_meets_the_ceasefire_line() -> None:
    found = drawn(5)
    closer = found.closer
    assert closer is not None
    assert len(closer.crossings) == 1
    assert "Route 5 meets it near 34°\u00a0N, 74°\u00a0E: Ceasefire line." in closer.description
    assert [label.text for label in closer.areas] == ["Kashmir, disputed"]
    assert {place.key for place in closer.places} == {"tashkent", "new-delhi", *AROUND}
    (x, y) = closer.crossings[0]
    assert 0 < x < closer.width
    assert 0 < y < closer.height


def test_line_is_drawn_only_where_a_way_comes_near_or_all_of_it_is_on_the_map() -> None:
    far = drawn(2, 3)
    assert far.lines == ()
    assert far.closer is None
    assert "dashed" not in far.caption.lower()
    assert "Dashed" not in far.drawings[0].description
    near = drawn(4)
    assert [line.title for line in near.lines] == ["Ceasefire line"]
    assert near.closer is not None
    assert near.closer.crossings == ()


def test_caption_says_what_the_map_does_not_decide() -> None:
    caption = drawn().caption
    assert caption.startswith("Names as of 1958.")
    assert "What this map does not decide: whose territory is whose. It draws no borders." in (
        caption
    )
    assert "drawn roughly" in caption
    unknown = route_map(all_ways(), [], [], year=None, name="map")
    assert unknown.caption.startswith("Names of the time.")


def test_description_says_what_the_drawing_shows() -> None:
    found = drawn(1)
    assert found.drawings[0].description == (
        "1: London–Moscow–Tashkent–Karachi, 7,131 km. "
        "No borders are drawn. The table says the same."
    )


def test_places_are_listed_once_by_name() -> None:
    assert [place.name for place in drawn(5).places] == [
        "Kabul", "Lahore", "Moscow", "New Delhi", "Rawalpindi", "Srinagar", "Tashkent",
    ]  # fmt: skip


@pytest.mark.parametrize("numbers", [(9,)])
def test_no_way_chosen_is_no_drawing(numbers: tuple[int, ...]) -> None:
    found = drawn(*numbers)
    assert (found.ways, found.drawings, found.closer, found.places) == ((), (), None, ())


def test_way_without_legs_is_in_the_table_only() -> None:
    found = route_map([a_way(1, "london")], [], [], year=1958, name="map")
    assert found.drawings == ()
    html = render_to_string("documents/_route_map.html", {"map": found})
    assert "no legs yet" in html
    assert "<svg" not in html


def test_figures_of_the_drawing_are_the_same_in_every_language() -> None:
    with translation.override("de"):
        html = render_to_string("documents/_route_map.html", {"map": drawn()})
    assert "7.131" in html
    for value in re.findall(r'\s(?:d|x|y|cx|cy|r|width|viewBox)="([^"]*)"', html):
        assert "," not in value


def test_markup_needs_no_inline_style_and_no_colour() -> None:
    html = render_to_string("documents/_route_map.html", {"map": drawn()})
    assert " style=" not in html
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids)) == 6
    assert html.count('role="img"') == 3
    for number, title in enumerate((way.title for way in drawn().ways), start=1):
        assert f"<b>{number}</b> {title}</span>" in html
    dashes = set(re.findall(r'data-pattern="\d" [^>]*?(?=stroke=")', html))
    assert len(dashes) == 6


@settings(max_examples=25)
@given(st.sets(st.integers(1, 6), min_size=1))
def test_any_choice_has_every_way_numbered_on_every_whole_drawing(numbers: set[int]) -> None:
    found = drawn(*numbers)
    for one in found.drawings:
        seen = {int(text) for sign in one.signs for text in sign.text.split("\u2002")}
        assert seen == numbers
        assert {dot.stop for dot in one.dots} == {True}
        for dot in one.dots:
            assert 0 < dot.x < one.width
            assert 0 < dot.y < one.height


@pytest.mark.django_db
def test_drawing_for_a_step_holds_drawing_and_table() -> None:
    routes = [
        make_route("one", "london moscow tashkent karachi", title="Way <one>"),
        make_route("two", "moscow tashkent new-delhi"),
    ]
    html = draw_route_map(routes, [make_line()], [make_place("lahore")], year=1958, name="step-map")
    assert 'id="step-map-narrow-title"' in html
    assert 'id="step-map-closer-desc"' in html
    assert "Way &lt;one&gt;" in html
    assert '<td class="num">7,131</td>' in html
    assert "Note on two." in html
    assert '<a href="https://example.org/">Test 1</a>' in html
    assert "Roughly here." in html
    assert "Position" not in html  # coordinates are for the page
