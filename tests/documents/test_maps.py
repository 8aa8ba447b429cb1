from itertools import combinations
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from lessons.documents.maps import (
    MARGIN,
    TEXT,
    WIDTH,
    Projection,
    SmallMap,
    label_box,
    small_map,
)
from lessons.documents.models import Place

# fmt: off
CLASSROOM = [
    "karachi", "new-delhi", "srinagar", "moscow", "tashkent",
    "kabul", "tehran", "baghdad", "ankara", "dacca",
]
# fmt: on
FIELDS = ("key", "name", "today", "latitude", "longitude", "note")


def shipped(keys: list[str]) -> list[Place]:
    rows = yaml.safe_load((settings.BASE_DIR / "fixtures/documents/places.yaml").read_text())
    found = {row["fields"]["key"]: row["fields"] for row in rows}
    return [
        Place(
            **{name: found[key][name] for name in FIELDS}, disputed=found[key].get("disputed", "")
        )
        for key in keys
    ]


def drawn(places: list[Place]) -> SmallMap:
    drawing = small_map(places, year=1958)
    assert drawing is not None
    return drawing


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return min(one[2], other[2]) > max(one[0], other[0]) and min(one[3], other[3]) > max(
        one[1], other[1]
    )


def test_shipped_places_have_room_for_every_name() -> None:
    drawing = drawn(shipped(CLASSROOM))
    labels = [item.label for item in (*drawing.dots, *drawing.areas)]
    boxes = [label_box(label) for label in labels]
    assert len(boxes) == 11
    assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)]
    for box in boxes:
        assert 0 <= box[0] < box[2] <= drawing.width
        assert 0 <= box[1] < box[3] <= drawing.height
        for dot in drawing.dots:
            spot = (dot.x - 4, dot.y - 4, dot.x + 4, dot.y + 4)
            assert not overlap(box, spot)
    # Drawn on a 320 px screen (288 px of it for the drawing), a name is at least 12 px high.
    assert TEXT * 288 / WIDTH >= 12


def test_shipped_dispute_is_a_circle_and_no_border() -> None:
    drawing = drawn(shipped(CLASSROOM))
    (area,) = drawing.areas
    assert area.name == "Kashmir, disputed"
    assert "does not decide whose territory is whose" in drawing.caption
    assert "1958" in drawing.caption
    html = render_to_string("documents/_small_map.html", {"map": drawing})
    assert html.count('class="disputed"') == 1
    assert " style=" not in html
    for key in CLASSROOM:
        name = shipped([key])[0].name
        assert f">{name}</text>" in html
        assert f'<th scope="row">{name}</th>' in html


def test_north_is_up_and_east_is_right() -> None:
    dots = {dot.key: dot for dot in drawn(shipped(CLASSROOM)).dots}
    assert dots["moscow"].y < dots["tashkent"].y < dots["karachi"].y
    assert dots["ankara"].x < dots["tehran"].x < dots["srinagar"].x < dots["dacca"].x


def test_projection_is_true_to_scale_at_its_middle() -> None:
    projection = Projection([(30.0, 60.0), (40.0, 80.0)], width=WIDTH)
    west, east = projection.place(35, 60), projection.place(35, 80)
    # 20° along the 35th parallel are 20 · 111.2 km · cos 35° = 1,822 km.
    assert east[0] - west[0] == pytest.approx(projection.length(1822), abs=2)
    assert projection.place(40, 60) == (MARGIN, MARGIN)


def test_map_of_no_places_is_none() -> None:
    assert small_map([], year=1958) is None
    assert render_to_string("documents/_small_map.html", {"map": None}).strip() == ""


def test_map_of_one_place() -> None:
    drawing = drawn(shipped(["moscow"]))
    assert len(drawing.dots) == 1
    assert drawing.height < drawing.width


coordinates = st.tuples(st.integers(-80, 80), st.integers(-170, 170), st.text("ab c", max_size=14))


@given(st.lists(coordinates, min_size=1, max_size=14))
def test_any_places_are_drawn_inside(points: list[Any]) -> None:
    places = [
        Place(key=f"k{index}", name=name or "x", latitude=latitude, longitude=longitude)
        for index, (latitude, longitude, name) in enumerate(points)
    ]
    drawing = drawn(places)
    assert len(drawing.dots) == len(places)
    for dot in drawing.dots:
        assert 0 <= dot.x <= drawing.width
        assert 0 <= dot.y <= drawing.height


def test_caption_without_a_year_speaks_of_the_time() -> None:
    drawing = small_map(shipped(["moscow"]))
    assert drawing is not None
    assert drawing.caption == (
        "Names of the time. The map does not decide whose territory is whose."
    )
